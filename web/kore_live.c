#include "web/kore_live.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "web/worker.h"

#define TICK_MS 50
#define ROUND_MS 40 /* of each tick for viewers; who is left is served first in the next */
#define VIEWERS_MAX 200
#define QUEUE_BYTES (64 * 1024)
#define HEARTBEAT_MS 10000 /* tells a viewer that has gone from one that has nothing new */

struct viewer {
	TAILQ_ENTRY(viewer) list;
	struct connection *connection;
	struct live_watch watch;
	u_int64_t sent_ms;
	u_int64_t round; /* the last that it was served in */
	bool chunked;
};

/* Of this worker. Kore's callbacks have no context of ours. */
static struct live {
	TAILQ_HEAD(, viewer) viewers;
	int count;
	u_int64_t round;
	bool ticking;
} live = {.viewers = TAILQ_HEAD_INITIALIZER(live.viewers)};

static void tick(void *arg, u_int64_t now);

/* Has it read enough of what was sent? */
static bool takes_more(const struct viewer *viewer)
{
	const struct netbuf *part;
	size_t queued = 0;

	TAILQ_FOREACH(part, &viewer->connection->send_queue, list)
	{
		queued += part->b_len - part->s_off;
	}
	return queued <= QUEUE_BYTES;
}

static void gone(struct connection *c)
{
	struct viewer *viewer = c->hdlr_extra; /* freed with the connection, by Kore */

	TAILQ_REMOVE(&live.viewers, viewer, list);
	live.count--;
	c->disconnect = NULL;
}

static void send_text(struct viewer *viewer, struct slice text, bool last, u_int64_t now)
{
	struct connection *c = viewer->connection;
	char size[32];

	viewer->sent_ms = now;
	if (viewer->chunked) {
		snprintf(size, sizeof(size), "%zx\r\n", text.len);
		net_send_queue(c, size, strlen(size));
	}
	net_send_queue(c, text.data, text.len);
	if (viewer->chunked && last)
		net_send_queue(c, "\r\n0\r\n\r\n", 7);
	else if (viewer->chunked)
		net_send_queue(c, "\r\n", 2);
	if (last)
		c->flags |= CONN_CLOSE_EMPTY;
	if (net_send_flush(c) != KORE_RESULT_OK)
		kore_connection_disconnect(c);
}

/* Tells one viewer, and in the same words all that are to be told the same. */
static void serve(struct viewer *viewer, u_int64_t now)
{
	static const struct slice heartbeat = {(const uint8_t *)":\n\n", 3};
	struct live_watch before = viewer->watch, after = viewer->watch;
	struct viewer *other, *next;
	struct slice text;
	bool last = worker_tell(&after, (int64_t)now, &text);

	for (other = TAILQ_FIRST(&live.viewers); other; other = next) {
		next = TAILQ_NEXT(other, list);
		if (other->round == live.round || !takes_more(other) ||
			!live_same(&other->watch, &before))
			continue;
		other->round = live.round;
		kore_connection_start_idletimer(other->connection);
		other->watch = after;
		if (text.len)
			send_text(other, text, last, now);
		else if (now - other->sent_ms >= HEARTBEAT_MS)
			send_text(other, heartbeat, false, now);
	}
}

static void start_ticking(void)
{
	/* One shot each: removing a timer in its own callback is a use after free in 4.1. */
	kore_timer_add(tick, TICK_MS, NULL, KORE_TIMER_ONESHOT);
	live.ticking = true;
}

static void tick(void *arg, u_int64_t now)
{
	struct viewer *viewer;

	(void)arg;
	live.ticking = false;
	live.round++;
	if (live.count && worker_look()) {
		while ((viewer = TAILQ_FIRST(&live.viewers)) && viewer->round != live.round) {
			TAILQ_REMOVE(&live.viewers, viewer, list);
			TAILQ_INSERT_TAIL(&live.viewers, viewer, list);
			if (takes_more(viewer))
				serve(viewer, now);
			viewer->round = live.round;
			if (kore_time_ms() - now > ROUND_MS)
				break;
		}
	}
	if (live.count)
		start_ticking();
}

static void add_viewer(struct http_request *req, const struct live_watch *watch)
{
	struct connection *c = req->owner;
	struct viewer *viewer = kore_calloc(1, sizeof(*viewer));

	viewer->connection = c;
	viewer->watch = *watch;
	viewer->chunked = !(req->flags & HTTP_VERSION_1_0);
	viewer->sent_ms = kore_time_ms();
	/* Else the kernel holds megabytes for who does not read. */
	setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &(int){QUEUE_BYTES}, sizeof(int));
	c->hdlr_extra = viewer;
	c->disconnect = gone;
	TAILQ_INSERT_TAIL(&live.viewers, viewer, list);
	live.count++;
	if (!live.ticking)
		start_ticking();
	send_text(viewer, slice_text("retry: 1000\n\n"), false, viewer->sent_ms);
}

void kore_live_begin(struct http_request *req, const struct live_watch *watch)
{
	if (live.count >= VIEWERS_MAX) {
		http_response_header(req, "retry-after", "10");
		http_response(req, 503, NULL, 0);
		return;
	}
	if (!(req->flags & HTTP_VERSION_1_0))
		http_response_header(req, "transfer-encoding", "chunked");
	/* A proxy that collects an answer before it sends it on would show nothing. */
	http_response_header(req, "x-accel-buffering", "no");
	req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	req->owner->flags |= CONN_IS_BUSY; /* no further request on it */
	http_response(req, 200, NULL, 0);
	/* HTTP/1.0: the end of the connection ends the answer, but not yet. */
	req->owner->flags &= ~CONN_CLOSE_EMPTY;
	req->owner->http_timeout = 0;
	if (req->method != HTTP_METHOD_HEAD)
		add_viewer(req, watch);
	else
		req->owner->flags |= CONN_CLOSE_EMPTY;
}
