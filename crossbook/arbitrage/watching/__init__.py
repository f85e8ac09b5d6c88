"""Events watched quote by quote: certificates are kept, and games solved only when a quote breaks one."""
