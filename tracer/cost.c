#include "tracer/cost.h"

#include "schemas/event.h"

#define FIRST_SAMPLES 64  /* each event is one */
#define SPACING 24        /* then one in 24 to 87 */
#define MANY_SAMPLES 1024 /* of lines */
#define RARELY 4  /* times that, when there are so many: a sample costs as much as ten events */
#define MEMORY 64 /* samples that a mean goes back */
#define LEANING 2 /* samples that the mean of all counts for */
#define OUTLIER_NS 50000 /* another process ran */
#define LEAST_PART 5     /* of what was sampled, that is the program's in any case */
/* Of a disturbance, in what a line's site takes: the most, until it is known; and the length of
 * an event that makes half of it. As found on the programs of tests/bench/profile. */
#define DISTURBED_MOST 5
#define DISTURBED_HALF 20

void cost_init(struct cost_sampler *sampler)
{
	*sampler = (struct cost_sampler){.until = 1, .random = 1};
}

void cost_switch_off(struct cost_sampler *sampler)
{
	*sampler = (struct cost_sampler){.off = true, .until = UINT32_MAX};
}

static void add(struct cost_mean *mean, float ns)
{
	if (mean->count < UINT32_MAX)
		mean->count++;
	mean->ns += (ns - mean->ns) / (float)(mean->count < MEMORY ? mean->count : MEMORY);
}

/* Not at even distances: a loop has its own. */
static uint32_t next_distance(struct cost_sampler *sampler)
{
	uint32_t samples = sampler->all.of[COST_LINE].count;

	if (samples < FIRST_SAMPLES)
		return 1;
	sampler->random = sampler->random * 1664525 + 1013904223;
	return (SPACING + (sampler->random >> 26)) * (samples < MANY_SAMPLES ? 1 : RARELY);
}

void cost_begin(struct cost_sampler *sampler, int64_t now_ns, int64_t pause_ns)
{
	int64_t passed_ns = now_ns - sampler->ended_ns - pause_ns;

	if (sampler->off) {
		sampler->until = UINT32_MAX; /* it has come round */
		return;
	}
	if (sampler->pace && passed_ns >= 0 && passed_ns < PACE_LONG_NS) {
		add(sampler->pace, (float)passed_ns);
		add(&sampler->all.pace[sampler->kind], (float)passed_ns);
	}
	sampler->pace = NULL;
	sampler->begun_ns = now_ns;
}

bool cost_end(
	struct cost_sampler *sampler, struct cost_means *means, enum cost_kind kind, int64_t now_ns)
{
	int64_t ns = now_ns - sampler->begun_ns;

	if (sampler->passed_on && means->of[kind].count >= COST_FEW) {
		sampler->passed_on = false;
		sampler->until = next_distance(sampler);
		return false;
	}
	sampler->passed_on = true;
	sampler->until = 1;
	if (ns >= 0 && ns <= OUTLIER_NS) {
		add(&sampler->all.of[kind], (float)ns);
		add(&means->of[kind], (float)ns);
	}
	return true;
}

void cost_ended(struct cost_sampler *sampler, struct cost_means *running, enum cost_kind kind,
	int64_t now_ns)
{
	sampler->pace = running ? &running->pace[kind] : NULL;
	sampler->kind = kind;
	sampler->ended_ns = now_ns;
}

void cost_forget(struct cost_sampler *sampler, const struct cost_means *means)
{
	if (sampler->pace == &means->pace[sampler->kind])
		sampler->pace = NULL;
}

/* Of what there are few samples of, something like the mean of all; of a kind that nobody has
 * sampled, a line's. */
static float mean(const struct cost_mean *own, const struct cost_mean *all, enum cost_kind kind)
{
	float count = (float)(own[kind].count < MEMORY ? own[kind].count : MEMORY);
	float others = all[kind].count ? all[kind].ns : all[COST_LINE].ns;

	return (own[kind].ns * count + others * LEANING) / (count + LEANING);
}

/* How much slower the program runs to its next event because the tracer has just worked, for so
 * long: what it and the interpreter had in the processor's caches is no longer there. The longer
 * the more, up to what they need there. How much that is shows behind calls, as the
 * program does nothing there before its first line. */
static float disturbance(const struct cost_sampler *sampler, const int32_t *around, float cost_ns)
{
	const struct cost_mean *enter = &sampler->all.pace[COST_ENTER];
	float call_ns = sampler->all.of[COST_ENTER].ns, half = DISTURBED_HALF * (float)around[0];
	float most = DISTURBED_MOST * (float)around[0];

	if (enter->count >= FIRST_SAMPLES && call_ns > 0)
		most = (enter->ns - (float)around[COST_ENTER]) * (call_ns + half) / call_ns;
	return most > 0 ? most * cost_ns / (cost_ns + half) : 0;
}

bool cost_state(const struct cost_sampler *sampler, const struct cost_means *means,
	struct cost_statement *statement)
{
	const int32_t *around =
		sampler->sites && *sampler->sites ? sampler->site_ns : sampler->traced_ns;

	if (!sampler->all.of[COST_LINE].count)
		return false;
	statement->before = around[COST_LINE];
	for (enum cost_kind kind = 0; kind < COST_KINDS; kind++) {
		float cost = mean(means->of, sampler->all.of, kind);
		float pace = mean(means->pace, sampler->all.pace, kind);
		float least = pace / LEAST_PART;

		/* What ended before a LEAVE's pace is another code's event. */
		pace -= (float)around[kind] +
			disturbance(sampler, around,
				kind == COST_LEAVE ? sampler->all.of[kind].ns : cost);
		statement->pace[kind] = (int32_t)((pace > least ? pace : least) + 0.5F);
		statement->cost[kind] = (int32_t)(cost + 0.5F);
	}
	return true;
}
