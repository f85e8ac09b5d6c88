"""What may be chosen about our own server."""

from __future__ import annotations

import msgspec

MEGABYTE = 1_000_000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds, sizes as named. The defaults suit a small machine."""

    start_s: float = 60.0
    """How long a start may take, waiting for another command's start or stop included."""
    stop_s: float = 30.0
    """How long the server may take to end in order before it is made to."""
    least_free: int = 200 * MEGABYTE
    """Bytes that must be free before a data folder is made."""
    restarts: int = 3
    """How often a server that died is started again within `restarts_within_s`; once more is an error."""
    restarts_within_s: float = 60.0
    watch_s: float = 0.2
    """How often it is looked whether the server lives."""
    shared_buffers_mb: int = 64
    max_connections: int = 60

    def options(self, socket_folder: str) -> list[str]:
        """The server's options: durable, silent on the network, small."""
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": socket_folder,
            "unix_socket_permissions": "0700",
            "port": "5432",
            "cluster_name": "crossbook",
            "max_connections": str(self.max_connections),
            "shared_buffers": f"{self.shared_buffers_mb}MB",
            "work_mem": "8MB",
            "maintenance_work_mem": "64MB",
            "max_wal_size": "512MB",
            "max_worker_processes": "4",
            "max_parallel_workers": "2",
            "autovacuum_max_workers": "2",
            "io_workers": "1",
            "jit": "off",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "wal_level": "replica",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_destination": "stderr",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] ",
        }
        return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
