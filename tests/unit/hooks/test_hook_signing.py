"""Signatures and pauses as Standard Webhooks has them."""

import base64
from datetime import UTC, datetime, timedelta

from checkout.hooks.retries import PAUSES, TRIED_FOR, pause_after
from checkout.hooks.signing import headers_of, new_secret

AT = datetime.fromtimestamp(1614265330, tz=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_specifications_own_example_is_signed_as_it_says():
    headers = headers_of(message_id=MESSAGE, body=b'{"test": 2432232314}', keys=[SECRET], at=AT)
    assert headers == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_with_two_secrets_there_are_two_signatures():
    other = new_secret()
    headers = headers_of(message_id=MESSAGE, body=b'{"test": 2432232314}', keys=[other, SECRET], at=AT)
    first, second = headers["webhook-signature"].split(" ")
    assert second == SIGNATURE
    assert first != SIGNATURE


def test_a_secret_is_32_random_bytes():
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32


def test_a_message_is_tried_ten_times_in_three_days():
    assert [pause_after(tries) for tries in range(1, 11)] == [*PAUSES, None]
    assert timedelta(days=3, hours=3, minutes=35, seconds=5) == TRIED_FOR
