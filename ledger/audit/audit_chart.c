#include "ledger/audit/audit_chart.h"

static const struct audit_kind kinds[] = {
	{110, 'D', 1, 0, NULL},      {112, 'D', 0, 0, NULL},      {120, 'D', 1, 0, "call"},
	{130, 'D', 1, 0, NULL},      {140, 'D', 1, 0, NULL},      {150, 'D', 1, 0, NULL},
	{160, 'D', 1, 0, "voucher"}, {161, 'D', 1, 0, "voucher"}, {170, 'D', 1, 0, "learner"},
	{205, 'C', 1, 0, "call"},    {210, 'C', 1, 0, NULL},      {215, 'C', 1, 0, NULL},
	{220, 'C', 1, 0, "lot"},     {225, 'C', 1, 0, "lot"},     {230, 'C', 1, 0, NULL},
	{240, 'C', 1, 0, NULL},      {250, 'C', 1, 0, NULL},      {260, 'C', 1, 0, NULL},
	{261, 'C', 1, 0, NULL},      {265, 'C', 1, 0, "payment"}, {270, 'C', 1, 0, "learner"},
	{280, 'C', 1, 0, NULL},      {285, 'C', 1, 0, "voucher"}, {627, 'D', 1, 0, NULL},
	{628, 'D', 1, 0, NULL},      {661, 'D', 1, 0, NULL},      {768, 'C', 1, 0, NULL},
	{810, 'D', 0, 1, "year"},    {811, 'C', 1, 1, "year"},    {812, 'C', 1, 1, "year"},
	{813, 'C', 0, 1, "year"},    {814, 'D', 1, 1, "year"},    {820, 'D', 0, 1, "year"},
	{821, 'C', 1, 1, "year"},    {822, 'C', 1, 1, "year"},    {823, 'C', 1, 1, "year"},
	{824, 'D', 1, 1, "year"},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

const struct audit_kind *audit_kind(int64_t number)
{
	size_t low = 0;
	size_t high = KINDS;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (kinds[middle].number == number)
			return &kinds[middle];
		if (kinds[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct audit_kind *audit_kind_at(size_t i)
{
	return i < KINDS ? &kinds[i] : NULL;
}
