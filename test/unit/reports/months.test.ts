import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { SessionsContext, SessionsOperation } from '../../../nodes/EvCharging/operation';
import { reimburse } from '../../../nodes/EvCharging/operations/reimburse';
import { summarize } from '../../../nodes/EvCharging/operations/summarize';

/*
 * A thousand months of raw records through Summarize and Reimburse, against whole numbers: watt-hours, and amounts and prices in
 * 1/100,000 of a unit. Nothing of the product takes part in the expected values.
 */

const MONTHS = 1000;
const SCALE = 5;
const DECIMALS: Record<string, number> = { EUR: 2, DKK: 2, JPY: 0, ISK: 0, KWD: 3, TND: 3 };

/** The generator mulberry32, so that each month is the same in each run. */
function randomOf(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
	};
}

/** 12345 units of 10^-5 as `0.12345`. */
function decimal(units: number | bigint, places = SCALE): string {
	const text = String(units)
		.replace('-', '')
		.padStart(places + 1, '0');
	const sign = BigInt(units) < 0n ? '-' : '';
	return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

type Mode = 'halfUp' | 'halfEven' | 'down';

/** Units of 10^-from as a number with fewer places. */
function rounded(units: bigint, from: number, places: number, mode: Mode): number {
	const step = 10n ** BigInt(from - places);
	const size = units < 0n ? -units : units;
	const [floor, rest] = [size / step, size % step];
	const isUp = rest * 2n > step || (rest * 2n === step && (mode === 'halfUp' || floor % 2n === 1n));
	const result = isUp && mode !== 'down' ? floor + 1n : floor;
	return Number(decimal(units < 0n ? -result : result, places)) + 0;
}

interface Session {
	json: IDataObject;
	key: string;
	day: number;
	driver: number;
	currency: string;
	recordedWh: number;
	meteredWh: number | null;
	incl: bigint;
	excl: bigint;
}

/** @param isCoarse Whether there are few sessions, of half kWh: their amounts are often at the half of a unit. */
function sessionsOf(random: (below: number) => number, currency: string, isCoarse = false): Session[] {
	return Array.from({ length: 1 + random(isCoarse ? 4 : 25) }, (_, index): Session => {
		const day = 1 + random(28);
		const driver = random(3);
		const recordedWh = isCoarse ? 500 * (1 + random(60)) : 1000 + 10 * random(6000);
		const date = `2026-03-${String(day).padStart(2, '0')}`;
		// Different minutes, so that no two sessions of a charger overlap: each has a charger of its own.
		const times = [`${date}T08:00:00.000Z`, `${date}T18:00:00.000Z`];
		const own = random(4) === 0 ? Object.keys(DECIMALS)[random(6)] : currency;
		const step = 10 ** (SCALE - DECIMALS[own]);
		// Most amounts are in whole units of the currency, some are finer.
		const incl = BigInt(random(4) === 0 ? 1 + random(5_000_000) : step * (1 + random(5_000_000 / step)));
		const excl = incl - BigInt(random(Number(incl)));
		if (random(2) === 0) {
			const start = random(1_000_000_000);
			// The record may be a little off its meter.
			const meteredWh = recordedWh + (isCoarse ? 0 : random(11) - 5);
			return {
				json: {
					id: index,
					started_at: times[0],
					stopped_at: times[1],
					charger_id: 100 + index,
					meter_start: start,
					meter_stop: start + meteredWh,
					total_kwh: decimal(recordedWh / 10, 2),
					total_cost: decimal(incl),
					id_tag: `TAG${driver}`,
				},
				key: `voltTime:${index}`,
				...{ day, driver, currency, recordedWh, meteredWh, incl, excl: -1n },
			};
		}
		return {
			json: {
				transactionId: index,
				startedAt: times[0],
				endedAt: times[1],
				consumed: Number(decimal(recordedWh, 3)),
				chargeBoxId: 100 + index,
				price: {
					amount: Number(decimal(incl)),
					amountExVat: Number(decimal(excl)),
					currency: own,
				},
				auth: { idTag: { uid: `TAG${driver}` } },
			},
			key: `spirii:${index}`,
			...{ day, driver, currency: own, recordedWh, meteredWh: null, incl, excl },
		};
	});
}

async function run(
	operation: SessionsOperation,
	sessions: Session[],
	values: Record<string, unknown>,
): Promise<INodeExecutionData[]> {
	const context = {
		items: sessions.map(({ json }) => ({ json })),
		forAll: () => ({ values: { recordKind: 'auto', ...values }, timezone: 'UTC' }),
		hint: () => undefined,
	};
	return await operation.run(context as unknown as SessionsContext);
}

const itemsOf = ({ pairedItem }: INodeExecutionData) =>
	(pairedItem as Array<{ item: number }>).map(({ item }) => item);
const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n);

const PRICES = ['list', 'record'];
const MODES: Mode[] = ['halfUp', 'halfEven', 'down'];
const ENERGIES = ['meter', 'record', 'smaller'];

test(`${MONTHS} months add up to the smallest unit, in currencies with 0, 2 and 3 decimals`, async () => {
	const seen = new Set<string>();
	for (let seed = 0; seed < MONTHS; seed++) {
		const random = randomOf(seed);
		const currency = Object.keys(DECIMALS)[random(6)];
		const sessions = sessionsOf(random, currency);
		const lines = await run(summarize, sessions, {
			currency,
			groupBy: seed % 2 === 0 ? ['billingMonth'] : ['tokenUid', 'source'],
		});
		expect(lines.flatMap(itemsOf).sort((one, other) => one - other)).toEqual(
			sessions.map((_, index) => index),
		);
		for (const line of lines) {
			const own = itemsOf(line).map((item) => sessions[item]);
			const places = DECIMALS[own[0].currency];
			const known = own.filter(({ excl }) => excl >= 0n);
			seen.add(`sum ${places}`);
			expect([seed, line.json]).toMatchObject([
				seed,
				{
					currency: own[0].currency,
					sessions: own.length,
					energyKwh: rounded(sum(own.map(({ recordedWh }) => BigInt(recordedWh))), 3, 3, 'down'),
					amountInclVat: rounded(sum(own.map(({ incl }) => incl)), SCALE, places, 'halfEven'),
					amountExclVat:
						known.length === 0
							? null
							: rounded(sum(known.map(({ excl }) => excl)), SCALE, places, 'halfEven'),
				},
			]);
		}
	}
	expect([...seen].sort()).toEqual(['sum 0', 'sum 2', 'sum 3']);
});

test(`${MONTHS} months are paid to the smallest unit, in currencies with 0, 2 and 3 decimals`, async () => {
	const seen = new Set<string>();
	for (let seed = 0; seed < MONTHS; seed++) {
		const random = randomOf(seed + MONTHS);
		const currency = Object.keys(DECIMALS)[random(6)];
		const isCoarse = seed % 2 === 0;
		const sessions = sessionsOf(random, currency, isCoarse);
		const priceFrom = PRICES[random(2)];
		const rounding = MODES[random(3)];
		const energyFrom = ENERGIES[random(3)];
		const [first, later, ofDriver, cap] = Array.from({ length: 4 }, () =>
			isCoarse ? 1000 * (1 + random(200)) : 1 + random(200_000),
		);
		const from = 1 + random(28);
		const hasCap = random(2) === 0 && priceFrom === 'list';
		const price = [
			{ for: '', perKwh: decimal(first) },
			{ for: '', from: `2026-03-${String(from).padStart(2, '0')}`, perKwh: decimal(later) },
			{ for: 'card:tag-1', perKwh: decimal(ofDriver) },
		];
		const statements = await run(reimburse, sessions, {
			...{ sites: 'all', statementPer: 'card', priceFrom, rounding, energyFrom, currency },
			priceCurrency: currency,
			includeSessions: true,
			...(priceFrom === 'list' ? { priceList: { price } } : {}),
			...(hasCap ? { capList: { cap: [{ for: '', perKwh: decimal(cap) }] } } : {}),
		});
		for (const { json } of statements) {
			const listed = (json as { sessionList: IDataObject[] }).sessionList;
			const worths = listed.map(({ sessionKey }) => {
				const { recordedWh, meteredWh, day, driver, incl } = sessions.find(({ key }) => key === sessionKey)!;
				const metered = meteredWh ?? recordedWh;
				const smaller = Math.min(metered, recordedWh);
				const wattHours = BigInt(
					energyFrom === 'record' ? recordedWh : energyFrom === 'meter' ? metered : smaller,
				);
				const own = driver === 1 ? ofDriver : day >= from ? later : first;
				const price = hasCap ? Math.min(own, cap) : own;
				return { wattHours, amount: priceFrom === 'record' ? incl * 1000n : wattHours * BigInt(price) };
			});
			const places = DECIMALS[json.currency as string];
			seen.add(`${priceFrom} ${rounding} ${places}`);
			expect([seed, json]).toMatchObject([
				seed,
				{
					leftOut: 0,
					sessions: worths.length,
					energyKwh: rounded(sum(worths.map(({ wattHours }) => wattHours)), 3, 3, 'down'),
					amount: rounded(sum(worths.map(({ amount }) => amount)), SCALE + 3, places, rounding),
				},
			]);
		}
		expect(statements.flatMap(itemsOf).sort((one, other) => one - other)).toEqual(
			sessions.map((_, index) => index),
		);
	}
	expect(seen.size).toBe(PRICES.length * MODES.length * 3);
});
