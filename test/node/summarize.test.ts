import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { runEvCharging } from '../support/evCharging';
import { useSandbox } from '../support/sandbox';

const house = useSandbox();

const run = async (parameters: INodeParameters, items: IDataObject[]) => {
	const { json, messages } = await runEvCharging({ operation: 'summarize', ...parameters }, items);
	return { lines: json, hints: messages };
};

const add = (values: unknown[]) => values.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);

describe('what is kept apart', () => {
	/** What a customer company (`null` where there is none) has in the records of the sandbox. */
	interface Expected {
		sessions: number;
		wattHours: number;
	}

	let records: IDataObject[];
	const byCompany = new Map<string, Expected>();
	beforeAll(async () => {
		const { items } = await house.run.spirii({
			...{ resource: 'chargeRecord', operation: 'getAll', returnAll: true },
		});
		records = items.map(({ json }) => json);
		for (const { auth, consumed, endedAt } of records as unknown as Array<{
			auth: { idTag?: { company?: { name: string } } };
			consumed: number;
			endedAt: string | null;
		}>) {
			const name = auth.idTag?.company?.name ?? 'null';
			if (!endedAt) continue;
			const { sessions, wattHours } = byCompany.get(name) ?? { sessions: 0, wattHours: 0 };
			byCompany.set(name, {
				sessions: sessions + 1,
				wattHours: wattHours + Math.round(consumed * 1000),
			});
		}
	});

	const summed = async (keepApart?: string) =>
		(await run({ groupBy: ['customerCompanyName'], options: keepApart ? { keepApart } : {} }, records)).lines;

	test('is nothing: each customer company, and those without one, have one line with sessions and kWh', async () => {
		const lines = await summed('nothing');
		expect([...byCompany.values()].map(({ sessions }) => sessions).sort()).toEqual([11, 24, 33, 41, 58]);
		expect(lines).toHaveLength(5);
		expect(
			Object.fromEntries(
				lines.map(({ customerCompanyName, sessions, energyKwh }) => [
					String(customerCompanyName),
					{ sessions, wattHours: Math.round(Number(energyKwh) * 1000) },
				]),
			),
		).toEqual(Object.fromEntries(byCompany));
		for (const line of lines) {
			expect(Object.keys(line).filter((name) => /amount|currency|vat|settings/i.test(name))).toEqual([]);
		}
	});

	test('is the currency: the lines of its VAT rates are added up', async () => {
		const [apart, lines] = [await summed(), await summed('currency')];
		const keyOf = ({ customerCompanyName, currency }: IDataObject) => `${customerCompanyName} ${currency}`;
		expect(new Set(lines.map(keyOf)).size).toBe(lines.length);
		expect(new Set(lines.map(keyOf))).toEqual(new Set(apart.map(keyOf)));
		expect(lines.length).toBeGreaterThan(5);
		expect(lines.length).toBeLessThan(apart.length);
		for (const line of lines) {
			const parts = apart.filter((part) => keyOf(part) === keyOf(line));
			expect(line.vatRatePct).toBe(parts.length === 1 ? parts[0].vatRatePct : null);
			expect(line.sessions).toBe(add(parts.map(({ sessions }) => sessions)));
			const cents = Math.round(add(parts.map(({ amountInclVat }) => amountInclVat)) * 100);
			expect(Math.round(Number(line.amountInclVat) * 100)).toBe(cents);
			expect(Object.keys(line)).toEqual(Object.keys(apart[0]));
		}
	});

	test('is currency and VAT rate if nothing is set', async () => {
		expect(await summed('currencyAndVat')).toEqual(await summed());
	});

	test('needs no columns of money where there are no amounts', async () => {
		const row = { sessionKey: 'spirii:1', startedAt: null, endedAt: null, energyKwh: 1, status: 'completed' };
		const times = { durationSeconds: 1, chargingSeconds: 1, idleSeconds: 1, warnings: '' };
		const hintsWith = async (options: INodeParameters) =>
			(await run({ groupBy: [], options }, [{ ...row, ...times }])).hints.join();
		expect(await hintsWith({})).toContain('Currency');
		expect(await hintsWith({ keepApart: 'nothing' })).not.toContain('Currency');
	});
});

describe('sessions by the name of the driver', () => {
	const record = (transactionId: number, id: number, firstName: string, lastName: string): IDataObject => ({
		...{ transactionId, consumed: 10, chargeBoxId: transactionId, location: { id: 1 } },
		startedAt: '2026-03-01T18:00:00.000Z',
		endedAt: '2026-03-01T22:00:00.000Z',
		auth: { idTag: { uid: `04AABBCC${id}`, customer: { id, firstName, lastName } } },
	});
	const items = [
		record(1, 123_455, 'Anna', 'Lund'),
		record(2, 123_466, 'Arne', 'Lie'),
		record(3, 123_466, 'Arne', 'Lie'),
	];
	const rowsWith = async (driverData: string, given = items) =>
		(await run({ operation: 'normalize', driverData }, given)).lines;
	const byName = async (given: IDataObject[]) => {
		const { lines, hints } = await run({ groupBy: ['driverName'] }, given);
		return { counts: lines.map(({ driverName, sessions }) => [driverName, sessions]), hints };
	};
	const MASKED =
		'"Driver Name" is masked in the rows that come in, so a line can be of several people. Set "Driver Data" to "Plain" or "Hashed" in the node that reads the sessions.';

	test('keep people of the same initials or the same name apart by their IDs', async () => {
		expect(await byName(await rowsWith('masked'))).toEqual({
			counts: [
				['A. L.', 1],
				['A. L.', 2],
			],
			hints: [MASKED],
		});
		const { counts } = await byName([record(1, 55, 'Bo', 'Li'), record(2, 56, 'Bo', 'Li')]);
		expect(counts).toEqual([
			['Bo Li', 1],
			['Bo Li', 1],
		]);
	});

	test('say that a line can be of several people where the IDs are masked, and only there', async () => {
		const short = await byName(
			await rowsWith('masked', [record(1, 55, 'Anna', 'Lund'), record(2, 56, 'Arne', 'Lie')]),
		);
		expect(short).toEqual({ counts: [['A. L.', 2]], hints: [MASKED] });
		expect((await byName(await rowsWith('plain'))).hints).toEqual([]);
		expect((await byName(items)).hints).toEqual([]);
		const { hints } = await run({ groupBy: ['city'] }, await rowsWith('masked'));
		expect(hints.join()).not.toContain('masked');
	});
});
