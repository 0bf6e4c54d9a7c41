"""Behind the queue: Celery workers and the relay, which carry a kept event to its end."""
