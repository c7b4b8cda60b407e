#include "tracer/cost.h"

#define FIRST_SAMPLES 64 /* each event is one */
#define SPACING 8        /* then one in 8 to 39 */
#define MEMORY 64        /* samples that a mean goes back */
#define LEANING 4        /* samples that the mean of all counts for */
#define OUTLIER_NS 50000 /* another process ran */

void cost_init(struct cost_sampler *sampler)
{
	*sampler = (struct cost_sampler){.until = 1, .random = 1};
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
	if (sampler->all.of[COST_LINE].count < FIRST_SAMPLES)
		return 1;
	sampler->random = sampler->random * 1664525 + 1013904223;
	return SPACING + (sampler->random >> 27);
}

void cost_add(
	struct cost_sampler *sampler, struct cost_means *means, enum cost_kind kind, int64_t ns)
{
	sampler->until = next_distance(sampler);
	if (ns < 0 || ns > OUTLIER_NS)
		return;
	add(&sampler->all.of[kind], (float)ns);
	add(&means->of[kind], (float)ns);
}

/* Of a kind that nobody has sampled, a line's. */
static float mean_of_all(const struct cost_sampler *sampler, enum cost_kind kind)
{
	const struct cost_mean *mean = &sampler->all.of[kind];

	return mean->count ? mean->ns : sampler->all.of[COST_LINE].ns;
}

bool cost_state(const struct cost_sampler *sampler, const struct cost_means *means, int32_t *before,
	int32_t ns[COST_KINDS])
{
	if (!sampler->all.of[COST_LINE].count)
		return false;
	*before = sampler->sites && *sampler->sites ? sampler->site_ns : sampler->traced_ns;
	for (int kind = 0; kind < COST_KINDS; kind++) {
		const struct cost_mean *own = &means->of[kind];
		float count = (float)(own->count < MEMORY ? own->count : MEMORY);
		float all = mean_of_all(sampler, (enum cost_kind)kind);

		ns[kind] = (int32_t)((own->ns * count + all * LEANING) / (count + LEANING) + 0.5F);
	}
	return true;
}
