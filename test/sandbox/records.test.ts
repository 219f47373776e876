import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { startSandbox } from '../../sandbox';
import {
	toChargeRecord,
	toLegacyRecord,
	toTransaction,
	toTransactionDetail,
} from '../../sandbox/spirii/records';
import type { Session } from '../../sandbox/spirii/session';
import { SpiriiData } from '../../sandbox/spirii/data';
import { VoltTimeData } from '../../sandbox/voltTime/data';
import { call } from './client';

const NOW = Date.parse('2026-06-30T12:00:00.000Z');
const spiriiData = (seed: number, records: number, plain = false) =>
	new SpiriiData({ seed, records, now: NOW, plain, documented: false });
const voltTimeData = (seed: number, transactionsPerCharger: number) =>
	new VoltTimeData({
		seed,
		now: NOW,
		transactionsPerCharger,
		firstChargerTransactions: undefined,
		documented: false,
	});

interface Schema {
	[key: string]: unknown;
	properties?: Record<string, Schema>;
	additionalProperties?: unknown;
	allOf?: Array<Schema & { $ref?: string }>;
}

/** The contract's schemas, closed: a property that the contract does not know is an error. */
function schemas(name: string) {
	const text = readFileSync(join(__dirname, '../../sandbox/contract', `${name}.openapi.yaml`), 'utf8');
	const document = load(text) as { components: { schemas: Record<string, Schema> } };
	const all = document.components.schemas;
	for (const [key, { allOf }] of Object.entries(all)) {
		if (!allOf) continue;
		const parts = allOf.map((part) => (part.$ref ? all[part.$ref.split('/').pop() as string] : part));
		all[key] = { type: 'object', properties: Object.assign({}, ...parts.map((part) => part.properties)) };
	}
	const close = (schema: unknown): void => {
		if (typeof schema !== 'object' || schema === null) return;
		const given = schema as Schema;
		if (given.properties && given.additionalProperties === undefined) given.additionalProperties = false;
		Object.values(given).forEach(close);
	};
	close(all);
	const ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));
	ajv.addSchema(document, 'contract:');
	return (schema: string) => {
		const validate = ajv.compile({ $ref: `contract:#/components/schemas/${schema}` });
		return (value: unknown) => {
			validate(JSON.parse(JSON.stringify(value)));
			return validate.errors ?? [];
		};
	};
}

const spirii = schemas('spirii');
const voltTime = schemas('volttime');

describe('generated sessions of Spirii', () => {
	const seeds = fc.integer({ min: 0, max: 2 ** 31 });

	it('conform to the documented shapes, whatever the seed', () => {
		const checks: Array<[(value: unknown) => unknown[], (session: Session) => unknown]> = [
			[spirii('ChargeRecord'), (session) => toChargeRecord(session, 'lastWrite')],
			[spirii('Transaction'), (session) => toTransaction(session, 'lastWrite')],
			[spirii('TransactionDetail'), (session) => toTransactionDetail(session, 'startedAt')],
		];
		const legacy = spirii('LegacyChargeRecord');
		fc.assert(
			fc.property(seeds, fc.integer({ min: 10, max: 60 }), (seed, records) => {
				const wrong: unknown[] = [];
				for (const session of spiriiData(seed, records).store.records()) {
					for (const [check, render] of checks) wrong.push(...check(render(session)));
					if (session.endedAt === null) continue;
					wrong.push(...legacy(toLegacyRecord(session, 'lastWrite', ',', true)));
				}
				expect(wrong).toEqual([]);
			}),
			{ numRuns: 40 },
		);
	});

	it('make sense: times in order, money adds up, nothing after now', () => {
		fc.assert(
			fc.property(seeds, fc.integer({ min: 0, max: 400 }), fc.boolean(), (seed, records, plain) => {
				let before = -Infinity;
				for (const session of spiriiData(seed, records, plain).store.records()) {
					const { startedAt, endedAt, createdAt, updatedAt, consumed, perKwh, amount, amountExVat } = session;
					const end = endedAt ?? updatedAt;
					const promises = {
						'starts ascend': startedAt >= before,
						'the end is after the start': end >= startedAt && endedAt !== startedAt,
						'writes come after the start': createdAt >= startedAt && updatedAt >= createdAt,
						'nothing is after now': Math.max(end, updatedAt) <= NOW,
						'price is energy by price of a kWh': Math.abs(amount - consumed * perKwh) <= 0.0051,
						'VAT adds up': Math.abs(amountExVat * (1 + session.site.vatRate) - amount) <= 0.01,
						'idle time is part of the session': session.idle * 1000 <= end - startedAt,
					};
					const broken = Object.entries(promises).filter(([, kept]) => !kept);
					if (broken.length > 0) throw new Error(`${broken.join()}: ${JSON.stringify(session)}`);
					before = startedAt;
				}
			}),
			{ numRuns: 40 },
		);
	});

	it('are the same for the same seed, whichever is computed first, and others for another', () => {
		const [one, two, other] = [spiriiData(7, 500), spiriiData(7, 500), spiriiData(8, 500)];
		const last = one.at(499);
		expect(two.ids()).toEqual(one.ids());
		expect(two.at(0)).toEqual(one.at(0));
		expect(two.at(499)).toEqual(last);
		expect(other.at(499)).not.toEqual(last);
	});

	it('hold every kind that a client has to cope with', () => {
		const sessions = [...spiriiData(1, 2000).store.records()];
		const share = (fits: (session: Session) => boolean) => sessions.filter(fits).length / sessions.length;
		expect(share(({ roaming }) => roaming !== null)).toBeCloseTo(0.1, 1);
		expect(sessions.filter(({ endedAt }) => endedAt === null).length).toBeGreaterThanOrEqual(2);
		expect(share(({ endedAt }) => endedAt === null)).toBeLessThan(0.05);
		expect(share(({ correctedAt }) => correctedAt !== null)).toBeGreaterThan(0.02);
		expect(share(({ voucher }) => voucher !== null)).toBeGreaterThan(0.04);
		expect(share(({ amount }) => amount === 0)).toBeGreaterThan(0.01);
		expect(share(({ startedAt, endedAt }) => (endedAt ?? 0) - startedAt > 86_400_000)).toBeGreaterThan(0.02);
		expect(new Set(sessions.map(({ site }) => site.currency))).toEqual(new Set(['DKK', 'EUR', 'SEK', 'NOK']));
		expect(new Set(sessions.map(({ company }) => company.id)).size).toBe(4);
		expect(new Set(sessions.map(({ startedAt }) => startedAt)).size).toBeLessThan(sessions.length);
		expect(new Set(sessions.map(({ updatedAt }) => updatedAt)).size).toBeLessThan(sessions.length);
		expect(sessions.some(({ evseId }) => /^DK\.SPI\.ZM\d{4}\*[12]$/.test(evseId))).toBe(true);
		expect(sessions.some(({ site }) => /,.*;/.test(site.name) && site.name.includes('"'))).toBe(true);
	});

	it('are the same session at every endpoint', async () => {
		const sandbox = await startSandbox({ records: 30, plain: true });
		for (const id of sandbox.spirii.data.ids()) {
			const [record, transaction, legacy] = await Promise.all(
				['/v2/charge-records', '/v2/transactions', '/v1/charge-records'].map(
					async (path) => (await call(sandbox.spirii, `${path}/${id}`)).json,
				),
			);
			for (const key of ['evseId', 'startedAt', 'endedAt', 'updatedAt', 'isRoaming']) {
				expect([key, transaction[key], legacy[key]]).toEqual([key, record[key], record[key]]);
			}
			expect([transaction.id, legacy.id]).toEqual([record.transactionId, record.transactionId]);
			expect([transaction.chargingDetails.consumed, legacy.consumed]).toEqual([
				record.consumed,
				record.consumed,
			]);
			expect(transaction.price.amount).toBe(record.price.amount);
			expect(Number(String(legacy.price.amount).replace(',', '.'))).toBe(record.price.amount);
			expect(transaction.price.vatRate).toBeCloseTo(Number(record.price.vatRate) * 100, 6);
		}
		await sandbox.close();
	});

	it('cost no memory: of a million, first and last page come and the heap stays small', async () => {
		const sandbox = await startSandbox({ records: 1_000_000, plain: true });
		const before = process.memoryUsage().heapUsed;
		const { data } = sandbox.spirii;
		const first = await call(sandbox.spirii, '/v2/charge-records', {
			query: { limit: 10, sortKey: 'transactionId' },
		});
		expect(first.json.data[0].transactionId).toBe(data.at(0)?.id);
		const query = { limit: 10, sortKey: 'transactionId', sortDirection: 'desc' };
		const last = await call(sandbox.spirii, '/v2/charge-records', { query });
		expect(last.json.data[0].transactionId).toBe(data.at(999_999)?.id);
		const end = await call(sandbox.spirii, '/v1/charge-records', { query: { limit: 10, offset: 999_995 } });
		expect(end.json.data).toHaveLength(5);
		expect(end.json.totalElements).toBe(1_000_000);
		expect(process.memoryUsage().heapUsed - before).toBeLessThan(250_000_000);
		await sandbox.close();
	});
});

describe('generated transactions of Volt Time', () => {
	it('conform to the documented shapes, whatever the seed', () => {
		const [user, team, charger, transaction] = ['User', 'Team', 'Charger', 'Transaction'].map((name) =>
			voltTime(name),
		);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
				const data = voltTimeData(seed, 12);
				const wrong = user(data.user);
				for (const one of data.teams) {
					wrong.push(...team(one));
					for (const other of data.chargers(one.id)) {
						wrong.push(...charger(other));
						for (const record of data.transactions(other.id).records()) wrong.push(...transaction(record));
					}
				}
				expect(wrong).toEqual([]);
			}),
			{ numRuns: 15 },
		);
	});

	it('make sense: energy is what lies between the meters, running ones have no end', () => {
		const data = voltTimeData(3, 60);
		let running = 0;
		for (const { id } of data.chargers(data.teams[0].id).slice(0, 8)) {
			let [before, meter] = ['', 0];
			for (const record of data.transactions(id).records()) {
				expect(record.started_at >= before).toBe(true);
				expect(record.meter_start).toBeGreaterThanOrEqual(meter);
				expect(record.started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/);
				[before, meter] = [record.started_at, record.meter_stop ?? meter];
				if (record.stopped_at === null) {
					running++;
					expect(record).toMatchObject({ meter_stop: null, stop_reason: null, total_kwh: '0.00' });
				} else {
					const energy = ((record.meter_stop ?? 0) - (record.meter_start ?? 0)) / 1000;
					expect(Number(record.total_kwh)).toBeCloseTo(energy, 1);
					expect(record.total_kwh).toMatch(/^\d+\.\d\d$/);
					expect(record.stopped_at > record.started_at).toBe(true);
				}
			}
		}
		expect(running).toBeGreaterThan(0);
	});

	it('can be many at one charger', async () => {
		const sandbox = await startSandbox({ transactionsPerCharger: 3, firstChargerTransactions: 25_000 });
		const { data } = sandbox.voltTime;
		const [first, second] = data.chargers(data.teams[0].id);
		expect(data.transactions(first.id).count).toBe(25_000);
		expect(data.transactions(second.id).count).toBe(3);
		const path = `/api/v2/teams/${data.teams[0].id}/chargers/${first.id}/transactions`;
		const { json } = await call(sandbox.voltTime, path, { query: { limit: 10_000, order_by: 'desc' } });
		expect(json.data).toHaveLength(10_000);
		expect(json.data[0].id).toBe(data.ids(first.id).pop());
		await sandbox.close();
	});
});
