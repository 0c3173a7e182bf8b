"""Who writes: the person, the role then held and the way in, as every entry of the trail names them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """One who writes: user_id None is the system itself; origin is web, job, command, import or migration."""

    user_id: str | None
    name: str
    role: str
    site: str | None = None
    origin: str = "web"
    session: str = ""
    request_id: str = ""
    on_behalf_of: str = ""

    @classmethod
    def system(
        cls, name: str, on_behalf_of: str = "", *, origin: str = "job", request_id: str = ""
    ) -> "Actor":
        """Return the actor of what no person did by hand, for example a job that a person asked for."""
        return cls(
            user_id=None,
            name=name,
            role="SYSTEM",
            origin=origin,
            request_id=request_id,
            on_behalf_of=on_behalf_of,
        )

    @property
    def identity(self) -> str:
        """Return what the trail keeps as actor_id: the user's id, or system:<name>.

        Nothing for somebody without an account who is not the system: the database then refuses every write.
        """
        if self.user_id is None:
            return f"system:{self.name}" if self.role == "SYSTEM" else ""
        return self.user_id
