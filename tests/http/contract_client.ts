// A client that openapi-ts made of the contract takes a voucher from the order to the bank, as the demo does.
// Compiled beside the client (./client), so that its types are held to the contract, too.
// Usage: node contract_client.js ADDRESS, with a key of each role in $KEY_ROLE.
import { client } from './client/client.gen';
import * as api from './client';

declare const process: { argv: string[]; env: Record<string, string>; exit(status: number): never };

const once = () => ({ 'Idempotency-Key': crypto.randomUUID() });

let role = '';
client.setConfig({ baseUrl: process.argv[2], auth: () => process.env['KEY_' + role.toUpperCase()] });

function expect<T>(is: T, wanted: T, what: string) {
	if (is !== wanted)
		throw new Error(`${what}: ${is} instead of ${wanted}`);
}

/* What was answered; a refusal ends it all. */
async function done<T>(call: Promise<{ data?: T; error?: api.Problem }>): Promise<T> {
	const { data, error } = await call;

	if (data === undefined)
		throw new Error(JSON.stringify(error));
	return data;
}

async function main() {
	role = 'portal';
	const order = await done(api.voucherOrder({
		headers: once(),
		body: { learner: 'X0001', course: 'C-A2', session_start: '2026-02-02',
			learner_payment: { amount: 10320, reference: 'CARD-1' } },
	}));
	if (!('code' in order) || order.code === undefined)
		throw new Error('the order shows no code');
	expect(order.price, 30000, 'price');
	const path = { id: order.id };

	role = 'operator';
	const clock = await done(api.clockAdvanceTo({ headers: once(), body: { advance_to: '2026-02-02T09:00:00Z' } }));
	expect(clock.today, '2026-02-02', 'day');

	role = 'provider';
	const entered = await done(api.voucherEnter({
		headers: once(),
		body: { code: order.code, course: 'C-A2', started_on: '2026-02-02' },
	}));
	expect(entered.state, 'entered', 'state');
	await done(api.voucherStepExit({ headers: once(), path, body: { exited_on: '2026-02-02' } }));
	await done(api.voucherStepDeclare({ headers: once(), path, body: { completion: 100, cause: 'full' } }));

	role = 'controller';
	const validated = await done(api.voucherStepValidate({ headers: once(), path, body: {} }));
	expect(validated.payable, 30000, 'payable');

	role = 'provider';
	const refused = await api.voucherStepBill({ headers: once(), path, body: { invoice: 'I-1', amount: 29999 } });
	expect(refused.response?.status, 409, 'status of a wrong bill');
	expect(refused.error?.code, 'amount_differs', 'code of a wrong bill');
	const billed = await done(api.voucherStepBill({ headers: once(), path, body: { invoice: 'I-1', amount: 30000 } }));
	expect(billed.billing, 'billed', 'billing');

	role = 'authoriser';
	const payment = await done(api.payOrder({ headers: once(), body: {} }));
	expect(payment.amount, 30000, 'payment');

	const cash = { reference: 'SET-1', kind: 'settlement' as const, fund: 'cpf-copay', amount: 10320,
		value_date: '2026-02-02', voucher: order.id };
	role = 'operator';
	await done(api.contribute({ headers: once(), body: cash }));
	role = 'accountant';
	await done(api.contribute({ headers: once(), body: cash }));
	const paid = await done(api.payConfirm({
		headers: once(),
		path: { id: payment.id ?? '', outcome: 'confirm' },
		body: { amount: 30000, bank_reference: 'BANK-1' },
	}));
	expect(paid.state, 'paid', 'payment');

	role = 'portal';
	const shown = await done(api.voucherShow({ path }));
	expect(shown.billing, 'paid', 'billing');
	console.log(`voucher ${shown.state}, ${shown.billing}: ${shown.amounts.paid} cents paid`);
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
