"""Citizens who sign in with 统一身份认证, which nobody needs: their sessions, and which matters are theirs."""
