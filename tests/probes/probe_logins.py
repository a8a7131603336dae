"""The login of the tests. Its password must turn up nowhere."""

from cammon_probes.model import Credential

CANARY = "Kanari-7&#%4/:@pw"
LOGIN = Credential("yard", "viewer", CANARY)
