"""Partners' folders: over SFTP, on a local disk, and in memory for tests. Each fills the `Mailbox` port of flow."""
