"""The cache may be away: then nothing is remembered, and everything is served all the same."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
SECONDS_TO_WAIT = 0.5


def _or_else(answer: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def attempt(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except RedisError as error:
                log.warning("the cache is away: %s", error)
                return answer

        return attempt

    return decorate


class Client(RedisCacheClient):
    """Answers as an empty cache would while Redis cannot be reached."""

    add = _or_else(True)(RedisCacheClient.add)  # noqa: FBT003 -- as if it had been added
    set = _or_else(None)(RedisCacheClient.set)
    touch = _or_else(False)(RedisCacheClient.touch)  # noqa: FBT003 -- as if it were not there
    incr = _or_else(1)(RedisCacheClient.incr)  # as if it were the first
    delete = _or_else(False)(RedisCacheClient.delete)  # noqa: FBT003 -- see above
    has_key = _or_else(False)(RedisCacheClient.has_key)  # noqa: FBT003 -- see above
    get_many = _or_else({})(RedisCacheClient.get_many)
    set_many = _or_else(None)(RedisCacheClient.set_many)
    delete_many = _or_else(None)(RedisCacheClient.delete_many)

    def get(self, key: Any, default: Any) -> Any:
        return _or_else(default)(super().get)(key, default)


class Cache(RedisCache):
    """Redis, asked once and not for long."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client
        self._options: dict[str, Any] = {
            "socket_connect_timeout": SECONDS_TO_WAIT,
            "socket_timeout": SECONDS_TO_WAIT,
            "retry": Retry(NoBackoff(), 0),
            **params.get("OPTIONS", {}),
        }
