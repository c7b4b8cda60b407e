/*
 * kore_connect: how a connection begins, in Kore's place (the configuration's `bind` names it),
 * so that what it reads passes through here. Two faults of Kore's are kept from doing harm:
 *
 * A body that is longer in its first packet than the request said makes its 64-bit count of
 * what is left go below zero, and Kore reads on without end, at a cost that grows with the
 * square of what has come.
 *
 * The time for a request's headers is taken off after an answer, lest it cut a slow reader
 * (kore_module.c); nothing puts it back for the next request, whose headers may drip in.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include <kore/kore.h>
#include <kore/http.h>

void smiley_connect(struct connection *c);

static bool body_overran(const struct netbuf *read)
{
	const struct http_request *req = read->extra;

	return read->cb != http_header_recv && req && req->content_length > http_body_max;
}

static int read_checked(struct connection *c, size_t *bytes)
{
	struct netbuf *read = c->rnb;

	if (body_overran(read))
		return KORE_RESULT_ERROR;
	if (read->cb == http_header_recv && read->s_off == 0 && c->http_timeout == 0 &&
		!(c->flags & CONN_IS_BUSY)) {
		c->http_start = kore_time_ms();
		c->http_timeout = http_header_timeout * 1000;
	}
	return net_read(c, bytes);
}

/* As kore_connection_accept() does for a connection that no module looks after. */
void smiley_connect(struct connection *c)
{
	c->proto = CONN_PROTO_HTTP;
	c->idle_timer.length = http_keepalive_time * 1000;
	c->read = read_checked;
	net_recv_queue(c, http_header_max, NETBUF_CALL_CB_ALWAYS, http_header_recv);
}
