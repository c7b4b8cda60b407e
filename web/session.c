#include "web/session.h"

#include <string.h>

#include "schemas/now.h"

enum session_state {
	SESSION_FREE,
	SESSION_IN_THE_MAKING,
	SESSION_THERE
};

#define MINUTE_NS 60000000000
#define COUNT_BITS 32

bool secret_equal(struct slice given, struct slice secret)
{
	uint8_t difference = given.len != secret.len;

	for (size_t i = 0; i < given.len; i++)
		difference |= given.data[i] ^ secret.data[secret.len ? i % secret.len : 0];
	return secret.len && !difference;
}

/* True: it is ours to fill in. */
static bool take(struct board_session *session, uint32_t state)
{
	return atomic_compare_exchange_strong(&session->state, &state, SESSION_IN_THE_MAKING);
}

/* A free one, or the one that ends first. */
static struct board_session *find_place(struct board *board)
{
	struct board_session *first = NULL;

	for (size_t i = 0; i < BOARD_SESSIONS; i++) {
		struct board_session *session = &board->sessions[i];

		if (take(session, SESSION_FREE))
			return session;
		if (atomic_load(&session->state) == SESSION_THERE &&
			(!first || session->until_ns < first->until_ns))
			first = session;
	}
	return first && take(first, SESSION_THERE) ? first : NULL;
}

const struct board_session *session_begin(struct board *board, struct err *err)
{
	struct board_session *session = find_place(board);

	if (!session) {
		err_set(err, ERR_BUSY, "many log in at this moment; try again");
		return NULL;
	}
	if (board_secret(session->id, sizeof(session->id), err) < 0 ||
		board_secret(session->token, sizeof(session->token), err) < 0) {
		atomic_store(&session->state, SESSION_FREE);
		return NULL;
	}
	session->until_ns = wall_ns() + SESSION_HOURS * 60 * MINUTE_NS;
	atomic_store(&session->state, SESSION_THERE);
	return session;
}

static struct board_session *find(struct board *board, struct slice id)
{
	struct board_session *found = NULL;

	for (size_t i = 0; i < BOARD_SESSIONS; i++) {
		struct board_session *session = &board->sessions[i];
		struct slice own = {(const uint8_t *)session->id, sizeof(session->id) - 1};

		if (atomic_load(&session->state) == SESSION_THERE && secret_equal(id, own))
			found = session;
	}
	return found;
}

const struct board_session *session_find(struct board *board, struct slice id)
{
	struct board_session *found = find(board, id);

	if (found && found->until_ns < wall_ns()) {
		session_end(board, id);
		return NULL;
	}
	return found;
}

void session_end(struct board *board, struct slice id)
{
	struct board_session *found = find(board, id);

	if (!found || !take(found, SESSION_THERE))
		return;
	memset(found->id, 0, sizeof(found->id));
	memset(found->token, 0, sizeof(found->token));
	atomic_store(&found->state, SESSION_FREE);
}

static uint64_t this_minute(void)
{
	return (uint64_t)(monotonic_ns() / MINUTE_NS) << COUNT_BITS;
}

void session_note_failure(struct board *board)
{
	uint64_t before = atomic_load(&board->failures), now = this_minute(), after;

	atomic_fetch_add(&board->failed_logins, 1);
	do {
		after = (before >> COUNT_BITS << COUNT_BITS == now ? before : now) + 1;
	} while (!atomic_compare_exchange_weak(&board->failures, &before, after));
}

bool session_may_try(struct board *board)
{
	uint64_t failures = atomic_load(&board->failures), now = this_minute();

	return failures < now || failures - now < SESSION_FAILURES;
}
