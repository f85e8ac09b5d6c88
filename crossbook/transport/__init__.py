"""Transport: the only room that touches the network. Bytes in, bytes out, with limits; it reads no venue's words."""
