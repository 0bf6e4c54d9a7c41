"""A server as `carelane up` makes it: a password for each role, and none of them the owner of a table."""

import secrets

from ingress.cli.up import roles

PASSWORDS = {name: secrets.token_hex(8) for name in ("POSTGRES_ADMIN", "POSTGRES", "VALKEY", *roles.PASSWORDS)}
SETTINGS = {setting.removeprefix("CARELANE_").removesuffix("_DATABASE_URL").lower(): setting for setting in roles.ROLES}


def address(port, name):
    apart = {"owner": ("carelane", "POSTGRES"), "auditor": roles.AUDITOR}
    role, password = apart.get(name) or roles.ROLES[SETTINGS[name]]
    return f"postgresql://{role}:{PASSWORDS[password]}@127.0.0.1:{port}/carelane"
