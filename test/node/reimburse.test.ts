import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { LEFT_OUT, type LeftOut } from '../../nodes/shared/reports/reimbursement';
import { runEvCharging } from '../support/evCharging';
import { failureOf } from '../support/sandbox';

const run = async (parameters: INodeParameters, items: IDataObject[]) => {
	const given = {
		...{ operation: 'reimburse', sites: 'all', priceFrom: 'fixed', pricePerKwh: 0.3, priceCurrency: 'EUR' },
		...parameters,
	};
	const { items: output, json, messages } = await runEvCharging(given, items);
	return { output, statements: json, hints: messages };
};
const placesOf = ({ pairedItem }: INodeExecutionData) =>
	[pairedItem].flat().map((paired) => (paired as { item: number }).item);

/** A charge record of Spirii: 10 kWh at home on a day of March 2026, with card and meter. */
const spirii = (day: number, more: IDataObject = {}): IDataObject => ({
	transactionId: day,
	startedAt: `2026-03-${String(day).padStart(2, '0')}T18:00:00.000Z`,
	endedAt: `2026-03-${String(day).padStart(2, '0')}T22:00:00.000Z`,
	updatedAt: '2026-03-31T00:00:00.000Z',
	consumed: 10,
	chargeBoxId: 5,
	location: { id: 1766, zipCode: '1050', country: 'BE', city: 'Ixelles' },
	auth: { idTag: { uid: '04AABBCCDD', customer: { id: 55, firstName: 'Anna', lastName: 'A' } } },
	...more,
});
/** A transaction of Volt Time (version 2): 10 kWh on a day of March 2026. */
const voltTime = (day: number, more: IDataObject = {}): IDataObject => ({
	id: day,
	started_at: `2026-03-${String(day).padStart(2, '0')}T18:00:00Z`,
	stopped_at: `2026-03-${String(day).padStart(2, '0')}T22:00:00Z`,
	created_at: '2026-03-31T00:00:00Z',
	charger_id: 9,
	meter_start: day * 100_000,
	meter_stop: day * 100_000 + 10_000,
	total_kwh: '10.00',
	id_tag: 'ABC',
	...more,
});
const tagged = (uid: string): IDataObject => ({ auth: { idTag: { uid } } });

describe('whose a session is', () => {
	test('is told by vendor, kind and ID: a customer, an app user and a tag of one number are three people', async () => {
		const { statements } = await run({}, [
			spirii(1, { auth: { idTag: { uid: 'A', customer: { id: 55, firstName: 'Anna' } } } }),
			spirii(2, { ...tagged('OTHER'), user: 55 }),
			voltTime(3, { id_tag: '55' }),
		]);
		expect(
			statements.map(({ owner, driverName, sessions, amount }) => [owner, driverName, sessions, amount]),
		).toEqual([
			['spirii:appUser:55', null, 1, 3],
			['spirii:customer:55', 'Anna', 1, 3],
			['voltTime:card:55', null, 1, 3],
		]);
	});

	test('is one card in whatever way it is written, and two where a zero leads', async () => {
		const cards = ['04AABBCCDD', '04aabbccdd', '04:AA:BB:CC:DD', '4AABBCCDD'];
		const { statements, hints } = await run(
			{ statementPer: 'card' },
			cards.map((uid, index) => spirii(index + 1, tagged(uid))),
		);
		expect(statements.map(({ owner, sessions }) => [owner, sessions])).toEqual([
			['spirii:card:04AABBCCDD', 3],
			['spirii:card:4AABBCCDD', 1],
		]);
		expect(hints).toEqual([
			'These ID tags differ only in leading zeros, and count as different ones: 04AABBCCDD and 4AABBCCDD.',
		]);
	});

	test('is told by the card, where a driver has one for the company and one of their own', async () => {
		const company = { auth: { idTag: { uid: 'C1', label: 'Company car', customer: { id: 55 } } } };
		const own = { auth: { idTag: { uid: 'P1', label: 'Own car', customer: { id: 55 } } } };
		const items = [spirii(1, company), spirii(2, own), spirii(3, company)];
		const perCard = await run({ statementPer: 'card' }, items);
		expect(perCard.statements).toMatchObject([
			{ card: 'C1', tokenLabel: 'Company car', sessions: 2, amount: 6 },
			{ card: 'P1', tokenLabel: 'Own car', sessions: 1, amount: 3 },
		]);
		const paid = await run({ options: { idTags: 'c-1' } }, items);
		expect(paid.statements).toMatchObject([
			{ sessions: 2, amount: 6, leftOut: 1, leftOutReasons: 'other-card: 1' },
		]);
	});
});

describe('site IDs', () => {
	const home = spirii(1);
	const street = spirii(2, { chargeBoxId: 1766, location: { id: 8 } });
	const elsewhere = voltTime(3, { charger_id: 1766 });
	const items = [home, street, elsewhere];
	const paidFor = async (siteIds: string) => {
		const { output, hints } = await run({ sites: 'listed', siteIds, statementPer: 'charger' }, items);
		return { paid: output.filter(({ json }) => json.sessions !== 0).flatMap(placesOf), hints };
	};

	test.each<[string, number[]]>([
		['location:1766', [0]],
		['charger:1766, location:8', [1]],
		['spirii:charger:1766', [1]],
		['VoltTime : Charger : 1766', [2]],
		['location:1766,voltTime:charger:1766', [0, 2]],
		// Where it fits one kind of one vendor, an ID needs neither.
		['8', [1]],
		['9', []],
	])('%s pay for the sites of this kind and vendor: %p', async (siteIds, expected) => {
		expect((await paidFor(siteIds)).paid.sort()).toEqual(expected);
	});

	test('without a kind pay for nothing where they fit several, and say so', async () => {
		const { statements, hints } = await run(
			{ sites: 'listed', siteIds: '1766', statementPer: 'charger' },
			items,
		);
		expect(statements.map(({ sessions, leftOutReasons }) => [sessions, leftOutReasons])).toEqual(
			items.map(() => [0, 'site-unclear: 1']),
		);
		expect(hints).toEqual([
			'0 of 3 sessions are paid for. Left out: site-unclear: 3.',
			'"1766" in "Site IDs" fits more than one, and is not used. Write spirii:charger:1766 or spirii:location:1766 or voltTime:charger:1766.',
		]);
	});

	test('without a kind are named with what they are taken for', async () => {
		const taken = (what: string) =>
			`IDs without their kind are taken for what this input has of them: "1766" as ${what}:1766. Write them so, since another input may have other ones.`;
		const paid = async (item: IDataObject) =>
			(await run({ sites: 'listed', siteIds: '1766', statementPer: 'charger' }, [item])).hints;
		expect(await paid(street)).toEqual([taken('spirii:charger')]);
		expect(await paid(home)).toEqual([taken('spirii:location')]);
		// One session can have the number twice, too.
		const both = spirii(4, { chargeBoxId: 1766 });
		expect(await paid(both)).toContainEqual(expect.stringContaining('fits more than one, and is not used'));
		const priceList = { price: [{ for: '77', perKwh: 0.5 }] };
		const { hints } = await run({ priceFrom: 'list', priceList }, [spirii(5, { ...tagged('Z'), user: 77 })]);
		expect(hints.join()).toContain('"77" as spirii:appUser:77');
		const exact = { price: [{ for: 'appUser:77, Z', perKwh: 0.5 }] };
		const item = spirii(5, { ...tagged('Z'), user: 77 });
		expect((await run({ priceFrom: 'list', priceList: exact }, [item])).hints).toEqual([]);
	});

	test.each(['site:1766', 'monta:charger:1766', 'spirii:1766', 'customer:1766'])(
		'of a kind that is none are refused: %s',
		async (siteIds) => {
			expect(await failureOf(run({ sites: 'listed', siteIds }, items))).toMatchObject({
				message: `"Site IDs" has "${siteIds}", and the node does not know this kind of ID`,
				description: expect.stringContaining('location, charger, evse') as string,
			});
		},
	);
});

describe('settings that need columns which the rows do not have', () => {
	const NODE = 'in the node that reads the sessions.';
	const rowsWith = async (more: INodeParameters, items: IDataObject[] = [spirii(1), spirii(2)]) =>
		(await run({ operation: 'normalize', ...more }, items)).statements;
	const list = (whom: string): INodeParameters => ({
		priceFrom: 'list',
		priceList: { price: [{ for: whom, perKwh: 0.3 }, { perKwh: 0.2 }] },
	});
	const billing = `Add "Billing Details" to "More Columns" ${NODE}`;
	const driver = `Set "Driver Data" ${NODE}`;

	test.each<[string, INodeParameters, string]>([
		['a mark for refunds', { sites: 'marked' }, `"Marked for Refunds" is in none of 2 sessions. ${billing}`],
		['the cost of energy', { priceFrom: 'energyCost' }, `"Energy Cost" is in none of 2 sessions. ${billing}`],
		['ID tags', { options: { idTags: '04AABBCCDD' } }, `"ID Tag" is in none of 2 sessions. ${driver}`],
		['the price of a tag', list('card:04AABBCCDD'), `"ID Tag" is in none of 2 sessions. ${driver}`],
		[
			'the price of a contract',
			list('spirii:contract:C1'),
			`"Contract ID" is in none of 2 sessions. ${driver}`,
		],
		['the price of a driver', list('driver:55'), `"Driver ID" is in none of 2 sessions. ${driver}`],
		[
			'the price of a postal code',
			list('postal:1000-1299'),
			`"Postal Code" is in none of 2 sessions. Add "Address" to "More Columns" ${NODE}`,
		],
	])('%s: the hint names the setting that shows them, and no other cure', async (_, parameters, expected) => {
		const { hints } = await run({ ...parameters, statementPer: 'charger' }, await rowsWith({}));
		expect(hints).toContain(expected);
		expect(hints.join()).not.toMatch(/Check (how|"Site IDs")/);
		const full = await rowsWith({ driverData: 'plain', columnGroups: ['address', 'commercial'] });
		const { hints: others } = await run({ ...parameters, statementPer: 'charger' }, full);
		expect(others.join()).not.toContain(NODE);
	});

	test('masked ID tags are as good as none', async () => {
		const { hints } = await run(
			{ options: { idTags: '04AABBCCDD' }, statementPer: 'charger' },
			await rowsWith({ driverData: 'masked' }),
		);
		expect(hints).toContain(
			`"ID Tag" is in none of 2 sessions. Set "Driver Data" to "Plain" or "Hashed" ${NODE}`,
		);
	});

	test('the amount of records without one is named', async () => {
		const { hints } = await run({ priceFrom: 'record' }, [spirii(1)]);
		expect(hints.join()).toContain('"Amount incl. VAT" is not in the session.');
	});
});

describe('a site', () => {
	const named = (day: number, id: number, name: string) => spirii(day, { location: { id, name } });
	const paid = async (siteIds: string, items: IDataObject[]) => {
		const { statements, hints } = await run({ sites: 'listed', siteIds }, items);
		return { sessions: statements.map(({ sessions }) => sessions), hints };
	};

	test('at which no session is, beside one that has some, is named', async () => {
		expect(await paid('location:1766, location:99999', [spirii(1)])).toEqual({
			sessions: [1],
			hints: ['No session is at location:99999. Check "Site IDs".'],
		});
		expect((await paid('location:1766', [spirii(1)])).hints).toEqual([]);
	});

	test.each(['Woonhuis De Uil', 'location:woonhuis de uil', 'spirii:location:Woonhuis De Uil'])(
		'may be the name of one location: %s',
		async (siteIds) => {
			expect(await paid(siteIds, [named(1, 1828, 'Woonhuis De Uil'), named(2, 8, 'Depot')])).toEqual({
				sessions: [1],
				hints: [
					`"${siteIds}" in "Site IDs" is the name of a location, and is taken for spirii:location:1828. Write the ID, since names change.`,
				],
			});
		},
	);

	test('is not used where several locations have the name, or another vendor or kind is written', async () => {
		const two = await paid('Home', [named(1, 7, 'Home'), named(2, 8, 'Home')]);
		expect(two.sessions).toEqual([0]);
		expect(two.hints).toContain(
			'"Home" in "Site IDs" is the name of several locations, and is not used. Write spirii:location:7 or spirii:location:8.',
		);
		for (const siteIds of ['voltTime:location:Home', 'charger:Home']) {
			expect((await paid(siteIds, [named(1, 7, 'Home')])).sessions).toEqual([0]);
		}
	});

	test('of an ID is not looked for by name', async () => {
		const { statements } = await run({ sites: 'listed', siteIds: '7', statementPer: 'charger' }, [
			named(1, 7, 'Home'),
			{ ...named(2, 8, '7'), chargeBoxId: 6 },
		]);
		expect(statements.map(({ charger, sessions }) => [charger, sessions])).toEqual([
			['5', 1],
			['6', 0],
		]);
	});
});

describe('the hint that no session was at one of the sites', () => {
	const NO_SITE = expect.stringMatching(/^0 of \d+ sessions were at one of the sites/) as string;
	const elsewhere = (day: number) => spirii(day, { location: { id: 9 } });

	test.each<[string, IDataObject]>([
		['nobody is known', { auth: {} }],
		['runs', { endedAt: null }],
		['has no energy', { consumed: 0 }],
		['has another tag', tagged('OTHER')],
	])('does not come where a session at a site is left out since it %s', async (_, more) => {
		const { statements, hints } = await run(
			{ sites: 'listed', siteIds: 'location:1766', options: { idTags: '04AABBCCDD' } },
			[spirii(1, more), elsewhere(2)],
		);
		expect(statements.every(({ sessions }) => sessions === 0)).toBe(true);
		expect(hints).not.toContainEqual(NO_SITE);
	});

	test.each<[string, IDataObject[]]>([
		['ended', [elsewhere(1), elsewhere(2)]],
		['run', [{ ...elsewhere(1), endedAt: null }]],
	])('comes where all sessions that %s lie elsewhere', async (_, items) => {
		const { hints } = await run({ sites: 'listed', siteIds: 'location:1766' }, items);
		expect(hints).toContainEqual(NO_SITE);
	});
});

describe('the hint that nothing is paid for', () => {
	const COUNTS = expect.stringMatching(/^0 of \d+ sessions are paid for/) as string;

	test('says of how many sessions, and how many were left out for which reason', async () => {
		const items = [
			spirii(1, { location: { id: 8 } }),
			spirii(2, { location: { id: 8 } }),
			spirii(3, tagged('OTHER')),
		];
		const { hints } = await run(
			{ sites: 'listed', siteIds: 'location:1766', options: { idTags: '04AABBCCDD' } },
			items,
		);
		expect(hints).toContain('0 of 3 sessions are paid for. Left out: other-card: 1; other-site: 2.');
	});

	test.each<[string, IDataObject[]]>([
		['one is paid', [spirii(1), spirii(2, { location: { id: 8 } })]],
		['the only reason is told already', [spirii(1, { consumed: 12_345_678, meterStart: 1, meterStop: 2 })]],
		['no session comes in', [{ statementId: '2026-02/x/EUR/0.3', amount: 3 }]],
	])('is not there where %s', async (_, items) => {
		const { hints } = await run({ sites: 'listed', siteIds: 'location:1766' }, items);
		expect(hints).not.toContainEqual(COUNTS);
	});
});

describe('doubt', () => {
	const mismatch = { meterStart: 100_000, meterStop: 120_000, consumed: 10 };

	test('keeps a session out of the sum until the user pays it, and is told either way', async () => {
		const items = [spirii(1, { meterStart: 90_000, meterStop: 100_000 }), spirii(2, mismatch)];
		const left = await run({ options: { includeSessions: true } }, items);
		expect(left.statements).toMatchObject([{ sessions: 1, amount: 3, leftOutReasons: 'doubtful: 1' }]);
		expect(left.statements[0].sessionList).toMatchObject([
			{ leftOut: null, warnings: expect.not.stringContaining('meter') as string },
			{ leftOut: 'doubtful', warnings: expect.stringContaining('meter-mismatch') as string },
		]);
		expect(left.hints).toEqual([
			'1 session is left out: The record contradicts itself in energy or time, or overlaps with another: see its `warnings`. "Include Sessions" names them, and "Doubtful Sessions" pays for them.',
		]);
		const paid = await run({ options: { doubtfulSessions: 'pay' } }, items);
		expect(paid.statements).toMatchObject([{ sessions: 2, energyKwh: 30, sessionsWithWarnings: 1 }]);
	});

	const v2 = (day: number, more: IDataObject) => voltTime(day, { charger_connector_id: 7, ...more });
	const cumulated = (day: number, stop: number) =>
		v2(day, { meter_start: 100_000, meter_stop: stop, total_kwh: (stop - 100_000) / 1000 });
	test.each<[string, IDataObject[], string]>([
		[
			'the whole meter of the charger',
			[v2(1, { meter_start: null, meter_stop: 7_783_903, total_kwh: '7783.90' })],
			'energy-implausible',
		],
		[
			'energy below zero',
			[v2(1, { meter_start: 4_076_400, meter_stop: 353, total_kwh: '-4076.05' })],
			'energy-negative;meter-backwards',
		],
		[
			'36.9 kWh in three minutes',
			[v2(1, { stopped_at: '2026-03-01T18:03:00Z', meter_stop: 136_900, total_kwh: '36.90' })],
			'energy-implausible',
		],
		[
			'Wh in a field for kWh',
			[spirii(1, { consumed: 12_340, meterStart: 100_000, meterStop: 112_340, highestPowerDrawn: 10_692 })],
			'energy-implausible',
		],
		[
			'two sessions on one connector at once',
			[1, 2].map((id) => spirii(1, { transactionId: id, evseId: 'BE*ABC*E1*1' })),
			'overlapping',
		],
		[
			'a car that is listed again each day with all of its energy',
			[cumulated(1, 110_000), cumulated(2, 118_000), cumulated(3, 125_000)],
			'overlapping',
		],
		['an end that cannot be right', [v2(1, { stopped_at: '1970-01-01T00:03:00Z' })], 'time-implausible'],
	])('about %s: not paid, counted in sums, and with its codes', async (_, items, codes) => {
		const good = spirii(9, { auth: { idTag: { uid: 'ABC' } }, chargeBoxId: 6 });
		const all = [...items, good];
		const { statements, hints } = await run({ options: { includeSessions: true } }, all);
		const list = statements.flatMap(({ sessionList }) => sessionList as IDataObject[]);
		const doubted = list.filter(({ leftOut }) => leftOut === 'doubtful');
		expect(doubted).toHaveLength(items.length);
		for (const { warnings } of doubted) expect(String(warnings)).toContain(codes);
		expect(statements.reduce((sum, { energyKwh }) => sum + Number(energyKwh), 0)).toBe(10);
		expect(statements.every(({ billingMonth }) => billingMonth === '2026-03')).toBe(true);
		expect(hints[0]).toMatch(/^\d sessions? (is|are) left out: The record contradicts itself/);
		const { statements: sums } = await run({ operation: 'summarize', groupBy: [] }, all);
		expect(sums.reduce((sum, { sessionsDoubtful }) => sum + Number(sessionsDoubtful), 0)).toBe(items.length);
		// The same where the rows come back from a file.
		const rows = (await run({ operation: 'normalize', driverData: 'plain' }, all)).statements;
		expect((await run({ options: { includeSessions: true } }, rows)).statements).toEqual(statements);
	});

	test.each<[string, number, number]>([
		['meter', 20, 6],
		['record', 10, 3],
		['smaller', 10, 3],
	])('is settled by the %s: %p kWh', async (energyFrom, energyKwh, amount) => {
		const options = { doubtfulSessions: 'pay', energyFrom };
		expect((await run({ options }, [spirii(2, mismatch)])).statements).toMatchObject([{ energyKwh, amount }]);
	});

	test('about what a newer record of the session leaves open keeps it out of the sum', async () => {
		const older = spirii(1, { consumed: 12, meterStart: 100, meterStop: 124 });
		const newer = spirii(1, { consumed: 12, updatedAt: '2026-04-01T00:00:00.000Z' });
		const { statements } = await run({}, [older, newer]);
		expect(statements).toMatchObject([{ sessions: 0, leftOutReasons: 'doubtful: 1' }]);
	});

	test('about who charged is not put together of two: the corrected tag is paid', async () => {
		const newer = spirii(1, { updatedAt: '2026-04-01T00:00:00.000Z', ...tagged('04BB') });
		const { statements } = await run({}, [spirii(1), newer]);
		expect(statements).toMatchObject([{ owner: 'spirii:card:04BB', driverName: null, sessions: 1 }]);
	});

	test('about meters that show whole kWh pays the energy of the record', async () => {
		const { statements } = await run({}, [
			spirii(1, { meterStart: 100, meterStop: 111 }),
			spirii(2, { meterStart: 111, meterStop: 112, consumed: 0.6 }),
		]);
		expect(statements).toMatchObject([
			{ sessions: 2, energyKwh: 10.6, amount: 3.18, sessionsWithoutMeter: 0 },
		]);
	});

	test('says for how many sessions no meter was there', async () => {
		const { statements } = await run({}, [spirii(1), spirii(2, { meterStart: 1, meterStop: 10_001 })]);
		expect(statements).toMatchObject([{ sessions: 2, energyKwh: 20, sessionsWithoutMeter: 1 }]);
	});

	test('comes up where more is paid than the meter counted: a plugged-in car that is listed again each day', async () => {
		const listed = [110_000, 118_000, 125_000].map((meter_stop, index) =>
			voltTime(index + 1, { meter_start: 100_000, meter_stop, total_kwh: (meter_stop - 100_000) / 1000 }),
		);
		const { statements, hints } = await run({ options: { doubtfulSessions: 'pay' } }, listed);
		expect(statements).toMatchObject([
			{ energyKwh: 53, meterStartKwh: 100, meterStopKwh: 125, otherKwh: -28 },
		]);
		expect(hints).toContainEqual(
			expect.stringContaining('below zero): voltTime:card:ABC in 2026-03. Sessions may be listed twice'),
		);
	});

	test.each([
		[109_900, -0.1, false],
		[109_899, -0.101, true],
	])('comes up where more than 50 Wh a session are lacking: %i gives %d', async (start, otherKwh, isTold) => {
		const { statements, hints } = await run({ options: { doubtfulSessions: 'pay' } }, [
			voltTime(1, { meter_start: 100_000, meter_stop: 110_000 }),
			voltTime(2, { meter_start: start, meter_stop: 120_000, total_kwh: (120_000 - start) / 1000 }),
		]);
		expect(statements).toMatchObject([{ sessions: 2, otherKwh }]);
		expect(hints.some((hint) => hint.includes('below zero'))).toBe(isTold);
	});

	test('keeps a plug-in that was restarted, each time with all of its energy, from being paid seven times', async () => {
		const energies = [4.28, 27.007, 26.942, 26.937, 26.937, 26.935, 26.911];
		const restarted = energies.map((total_kwh, index) =>
			voltTime(1, { id: index + 1, meter_start: 0, meter_stop: 0, total_kwh }),
		);
		const { statements, hints } = await run({}, restarted);
		expect(statements).toMatchObject([
			{ sessions: 0, energyKwh: 0, amount: 0, leftOut: 7, leftOutReasons: 'doubtful: 7' },
		]);
		expect(hints).toContainEqual(expect.stringContaining('7 sessions'));
	});

	test('about a meter that starts anew shows none, and says so', async () => {
		const stops = [
			voltTime(1, { meter_start: 4_000_000, meter_stop: 4_010_000 }),
			voltTime(2, { meter_start: 0, meter_stop: 10_000 }),
		];
		const { statements, hints } = await run({}, stops);
		expect(statements).toMatchObject([
			{ sessions: 2, energyKwh: 20, meterStartKwh: null, meterStopKwh: null, otherKwh: null },
		]);
		expect(hints).toEqual([
			'The meter runs backwards within the month, so no meter is shown: voltTime:card:ABC in 2026-03. It may have been replaced.',
		]);
	});

	test('is not raised by settings that are missing', async () => {
		const { statements } = await run({}, [voltTime(1, { total_cost: '3.00' })]);
		expect(statements).toMatchObject([
			{ sessions: 1, sessionsWithWarnings: 0, sessionsWithSettingsMissing: 1 },
		]);
	});

	test('of the vendor itself leaves a session out, unless it is paid all the same', async () => {
		const v3 = {
			...voltTime(1),
			charger: { uuid: 'c3a7', identity: 'box' },
			charger_connector_id: 4,
			connector: { connector_id: 1 },
			is_valid: false,
		};
		const left = await run({}, [v3]);
		expect(left.statements).toMatchObject([{ sessions: 0, leftOutReasons: 'invalid-by-vendor: 1' }]);
		expect(left.hints).toHaveLength(1);
		const paid = await run({ options: { invalidSessions: 'pay' } }, [v3]);
		expect(paid.statements).toMatchObject([{ sessions: 1, amount: 3, leftOut: 0 }]);

		const summarize = { operation: 'summarize', groupBy: [] };
		const summed = await run(summarize, [v3, voltTime(2)]);
		expect(summed.statements).toMatchObject([
			{ sessions: 1, energyKwh: 10, sessionsInvalid: 1, sessionsLeftOut: 1 },
		]);
		expect(summed.hints).toEqual([
			'1 session is marked as not valid by the vendor, and left out of the sums. The lines count them in sessionsLeftOut.',
		]);
		const counted = await run({ ...summarize, options: { invalidSessions: 'count' } }, [v3, voltTime(2)]);
		expect(counted.statements).toMatchObject([
			{ sessions: 2, energyKwh: 20, sessionsInvalid: 1, sessionsLeftOut: 0 },
		]);
	});

	test('is told where sums have it, which can leave it out', async () => {
		const items = [spirii(1), spirii(2, mismatch)];
		const summarize = { operation: 'summarize', groupBy: [] };
		const added = await run(summarize, items);
		expect(added.statements).toMatchObject([{ sessions: 2, sessionsDoubtful: 1 }]);
		expect(added.hints).toEqual([
			'1 session is doubtful, and added up (meter-mismatch: 1). The lines count them in sessionsDoubtful. To leave them out, add the option "Doubtful Sessions".',
		]);
		const several = [spirii(3, { consumed: -4 }), spirii(3, { ...mismatch, transactionId: 4 })];
		expect((await run(summarize, several)).hints).toEqual([
			'2 sessions are doubtful, and added up (energy-negative: 1; meter-mismatch: 1; overlapping: 2). The lines count them in sessionsDoubtful. To leave them out, add the option "Doubtful Sessions".',
		]);
		expect((await run({ ...summarize, options: { doubtfulSessions: 'count' } }, items)).hints).toEqual([]);
		const left = await run({ ...summarize, options: { doubtfulSessions: 'leaveOut' } }, items);
		expect(left.statements).toMatchObject([{ sessions: 1, sessionsDoubtful: 1, sessionsLeftOut: 1 }]);
		expect(left.hints).toEqual([
			'1 session is doubtful, and left out of the sums. The lines count them in sessionsLeftOut.',
		]);
	});
});

describe('a list of prices', () => {
	const bo = { auth: { idTag: { uid: 'BO', customer: { id: 56, firstName: 'Bo' } } } };
	const anna = (day: number, more: IDataObject = {}) => spirii(day, more);
	const priced = async (price: IDataObject[], items: IDataObject[], more: INodeParameters = {}) =>
		(
			await run({ priceFrom: 'list', priceList: { price } as INodeParameters, ...more }, items)
		).statements.map(({ driverName, pricePerKwh, amount, leftOutReasons }) => [
			driverName,
			pricePerKwh,
			amount,
			leftOutReasons,
		]);

	test('has prices for drivers, cards, sites, regions and everybody: the most exact one counts', async () => {
		const price = [
			{ for: '', perKwh: 0.2 },
			{ for: 'country:BE', perKwh: 0.25 },
			{ for: 'postal:1000-1299, postal:4000-4999', perKwh: 0.3 },
			{ for: 'location:1766', perKwh: 0.35 },
			{ for: 'driver:56', perKwh: 0.4 },
			{ for: 'card:x:y', perKwh: 0.45 },
		];
		const place = (more: IDataObject) => ({ location: { id: 2, ...more }, auth: { idTag: { uid: 'NO' } } });
		const cases: Array<[IDataObject, number]> = [
			[spirii(1, place({ country: 'DE' })), 0.2],
			[spirii(1, place({ country: 'be', zipCode: '9000' })), 0.25],
			[spirii(1, place({ country: 'BE', zipCode: '1299' })), 0.3],
			[spirii(1, place({ country: 'BE', zipCode: '4000' })), 0.3],
			[spirii(1), 0.35],
			[spirii(1, bo), 0.4],
			[spirii(1, { auth: { idTag: { uid: 'XY', customer: { id: 56 } } } }), 0.45],
		];
		for (const [item, expected] of cases) {
			expect((await priced(price, [item])).map(([, pricePerKwh]) => pricePerKwh)).toEqual([expected]);
		}
	});

	test('has prices for a time: from the first to the last day, as the site has them', async () => {
		const price = [
			{ for: 'driver:55', from: '2026-03-02', until: '2026-03-03', perKwh: 0.4 },
			{ from: '2026-03-03', until: '2026-03-04', perKwh: 0.3 },
		];
		const prices = [];
		for (const day of [1, 2, 3, 4, 5]) prices.push((await priced(price, [anna(day)]))[0].slice(1));
		expect(prices).toEqual([
			[null, 0, 'no-price: 1'],
			[0.4, 4, ''],
			[0.4, 4, ''],
			[0.3, 3, ''],
			[null, 0, 'no-price: 1'],
		]);
	});

	test('says once which lines of the list fit no session of its days', async () => {
		const price = [
			{ for: 'driver:55', perKwh: 0.4 },
			{ for: 'driver:56, card:04AA', perKwh: 0.5 },
			// Of another time: nobody charged then.
			{ for: 'driver:57', until: '2026-02-28', perKwh: 0.5 },
			{ for: 'driver:58', from: '2026-04-01', perKwh: 0.5 },
			{ for: 'driver:56', from: '2026-03-02', perKwh: 0.6 },
		];
		const { statements, hints } = await run({ priceFrom: 'list', priceList: { price } }, [anna(1), anna(2)]);
		expect(statements.map(({ amount }) => amount)).toEqual([8]);
		expect(hints).toEqual([
			'No session fits these of "For" in the list: driver:56, card:04AA. Check how the sessions write the ID, or remove the lines.',
		]);
		expect((await run({ priceFrom: 'list', priceList: { price: [price[0]] } }, [anna(1)])).hints).toEqual([]);
	});

	test('pays nobody by a price that could be of two people', async () => {
		const appUser = { user: 55, ...tagged('Z') };
		const items = [anna(1), voltTime(2, { id_tag: '55' })];
		const { statements, hints } = await run(
			{ priceFrom: 'list', priceList: { price: [{ for: '55', perKwh: 0.5 }, { perKwh: 0.3 }] } },
			[...items, spirii(3, appUser)],
		);
		expect(statements.map(({ sessions }) => sessions)).toEqual(statements.map(() => 0));
		expect(statements.every(({ leftOutReasons }) => String(leftOutReasons).startsWith('price-unclear'))).toBe(
			true,
		);
		expect(hints).toContainEqual(
			expect.stringContaining('"55" in "For" fits more than one, and is not used. Write '),
		);
	});

	test('has caps: the smaller of price and cap is paid', async () => {
		const options = {
			capList: {
				cap: [
					{ for: 'postal:1000-1299', from: '2026-01-01', until: '2026-03-31', perKwh: 0.3294 },
					{ for: '', from: '2026-01-01', perKwh: 0.2942 },
				],
			},
		};
		const price = [
			{ for: 'driver:55', perKwh: 0.36 },
			{ for: 'driver:56', perKwh: 0.25 },
		];
		const elsewhere = anna(4, { location: { id: 3, zipCode: '9000', country: 'BE' } });
		const made = (
			await run({ priceFrom: 'list', priceList: { price }, options }, [anna(1), spirii(2, bo), elsewhere])
		).statements;
		expect(
			made.map(({ driver, pricePerKwh, amount, sessionsCapped }) => [
				driver,
				pricePerKwh,
				amount,
				sessionsCapped,
			]),
		).toEqual([
			['55', 0.3294, 3.29, 1],
			['55', 0.2942, 2.94, 1],
			['56', 0.25, 2.5, 0],
		]);
	});

	test('caps amounts of the record, too, in their currency', async () => {
		const paid = { price: { amount: 4.1, currency: 'EUR' } };
		const options = (currency: string) => ({ capList: { cap: [{ perKwh: 0.3, currency }] } });
		const capped = await run({ priceFrom: 'record', options: options('EUR') }, [anna(1, paid)]);
		expect(capped.statements).toMatchObject([{ amount: 3, sessionsCapped: 1 }]);
		const other = await run({ priceFrom: 'record', options: options('DKK') }, [anna(1, paid)]);
		expect(other.statements).toMatchObject([{ amount: 0, leftOutReasons: 'cap-currency: 1' }]);
		expect(await failureOf(run({ priceFrom: 'record', options: options('') }, [anna(1)]))).toMatchObject({
			message: '"Currency" in "Cap List" must be an ISO 4217 code of three letters, but "" was given',
		});
	});

	test('may come as items, with columns for the statements of those it is for', async () => {
		const list = [
			{
				row_number: 2,
				For: 'customer:55',
				'Price per kWh': '0,36',
				Currency: 'EUR',
				plate: 'B-AB 1',
				IBAN: 'DE02',
			},
			{ row_number: 3, For: 'card:BO', 'Price per kWh': 0.28, from: '2026-01-01', plate: 'B-CD 2', IBAN: '' },
		].map((line) => ({ ...line, For: line.For.replace('customer', 'driver') }));
		const { output, statements, hints } = await run({ priceFrom: 'list' }, [
			list[0],
			anna(1),
			list[1],
			spirii(2, bo),
		]);
		expect(statements).toMatchObject([
			{ driver: '55', plate: 'B-AB 1', IBAN: 'DE02', pricePerKwh: 0.36, amount: 3.6 },
			{ driver: '56', plate: 'B-CD 2', IBAN: null, pricePerKwh: 0.28, amount: 2.8 },
		]);
		expect(output.map(placesOf)).toEqual([[1], [3]]);
		expect(hints).toEqual([]);
		// With another price, the columns are there all the same, and the list says that its prices are not used.
		const fixed = await run({}, [list[0], anna(1)]);
		expect(fixed.statements).toMatchObject([{ plate: 'B-AB 1', pricePerKwh: 0.3 }]);
		expect(fixed.hints).toEqual([
			'The prices of the list are not used. Set "Price From" to Price List to use them.',
		]);
	});

	test.each<[string, IDataObject]>([
		['of Germany', { from: '02.03.2026', until: '03.03.2026' }],
		['of Denmark', { from: '2-3-2026', until: '3-3-2026' }],
		['of the United States, which one of them proves', { from: '3/2/2026', until: '3/13/2026' }],
		['as the serials of a spreadsheet', { from: 46083, until: '46084' }],
	])('may have the dates that spreadsheets write: %s', async (_, days) => {
		const { statements } = await run({ priceFrom: 'list' }, [
			anna(1),
			anna(2),
			anna(3),
			{ for: '', pricePerKwh: 0.5, ...days },
		]);
		expect(statements).toMatchObject([
			{ sessions: 2, firstStartedAt: anna(2).startedAt, leftOutReasons: 'no-price: 1' },
		]);
	});

	test('pays nothing by a cap of zero in an item, which is a reason', async () => {
		const { statements } = await run({}, [anna(1), { for: '', capPerKwh: 0, currency: 'EUR' }]);
		expect(statements).toMatchObject([{ sessions: 0, amount: 0, leftOutReasons: 'no-price: 1' }]);
	});

	test.each<[string, INodeParameters, string, string]>([
		[
			'price',
			{ priceFrom: 'list', priceList: { price: [{ perKwh: 0.3 }, { for: 'customer:77', perKwh: 0 }] } },
			'Line 2 of "Price List" (customer:77) has the price 0, so there would be nothing to pay',
			'Fill in the price, or remove the line.',
		],
		[
			'cap',
			{ options: { capList: { cap: [{}] } } },
			'Line 1 of "Cap List" (everybody) has the cap 0, so there would be nothing to pay',
			'Fill in the cap, or remove the line.',
		],
		[
			'rate',
			{ options: { priceVatRate: 0 } },
			'"VAT Rate in Price (%)" is 0',
			'Enter the rate, for example 21, or remove the option where the price has no VAT.',
		],
		[
			'currency',
			{ priceCurrency: undefined },
			'"Price Currency" must not be empty',
			'Fill in "Price Currency".',
		],
	])('is refused where a %s was added and not filled in', async (_, parameters, message, description) => {
		expect(await failureOf(run(parameters, [anna(1)]))).toMatchObject({
			message,
			description: expect.stringContaining(description) as string,
			cause: 'configuration-invalid',
		});
	});

	test.each<[IDataObject, string]>([
		[
			{ for: 'driver:55', pricePerKwh: 'cheap' },
			'The price per kWh in "list, item 2" must be a number of at least -1, but "cheap" was given',
		],
		[
			{ for: '', pricePerKwh: -5 },
			'The price per kWh in "list, item 2" must be a number of at least -1, but -5 was given',
		],
		[
			{ for: '', capPerKwh: -0.1 },
			'The cap per kWh in "list, item 2" must be a number of at least 0, but -0.1 was given',
		],
		[
			{ for: '', pricePerKwh: 1, from: '31.02.2026' },
			'"From" in "list, item 2" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but "31.02.2026" was given',
		],
		[
			{ for: '', pricePerKwh: 1, from: 2026 },
			'"From" in "list, item 2" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but 2026 was given',
		],
		[
			{ for: '', pricePerKwh: 1, until: '03/04/2026' },
			'"Until" in "list, item 2" is "03/04/2026", which could have the day or the month first',
		],
		[
			{ for: '', pricePerKwh: 1, from: '2026-02-01', until: '2026-01-01' },
			'"list, item 2" has a line until 2026-01-01, which is before its first day 2026-02-01',
		],
		[{ for: 'person:5', pricePerKwh: 1 }, '"For" has "person:5", and the node does not know this kind of ID'],
		[
			{ for: '', pricePerKwh: 1, currency: 'Euro' },
			'"Currency" in "list, item 2" must be an ISO 4217 code of three letters, but "EURO" was given',
		],
		[{ for: '', pricePerKwh: 1, amount: 5 }, 'The list has a column "amount", and so has each statement'],
	])('is refused where a line cannot be read: %j', async (line, message) => {
		expect(await failureOf(run({ priceFrom: 'list' }, [anna(1), line]))).toMatchObject({
			message,
			cause: 'configuration-invalid',
		});
	});
});

describe('what a session is worth in the record', () => {
	test.each<[string, IDataObject, number, string]>([
		['its amount, with fees', { price: { amount: 30.24, perKwh: 0.54, currency: 'EUR' } }, 30.24, ''],
		['nothing where it was free', { price: { amount: 0, perKwh: 0, currency: 'EUR' } }, 0, 'no-price: 1'],
	])('is %s', async (_, more, amount, leftOutReasons) => {
		const { statements } = await run({ priceFrom: 'record' }, [spirii(1, more)]);
		expect(statements).toMatchObject([{ amount, leftOutReasons, pricePerKwh: null }]);
	});

	test('is the sum of the amounts, to the cent', async () => {
		const items = Array.from({ length: 20 }, (_, index) =>
			spirii(index + 1, { consumed: 13.337, price: { amount: 7.01 + index / 100, currency: 'EUR' } }),
		);
		const { statements } = await run({ priceFrom: 'record' }, items);
		expect(statements).toMatchObject([{ sessions: 20, amount: 142.1 }]);
	});
});

describe('the amount of a statement', () => {
	test.each<[string | undefined, number]>([
		[undefined, 4.13],
		['halfUp', 4.13],
		['halfEven', 4.12],
		['down', 4.12],
	])('is rounded %s', async (rounding, amount) => {
		const options = rounding === undefined ? {} : { rounding };
		const { statements } = await run({ pricePerKwh: 0.33, options }, [spirii(1, { consumed: 12.5 })]);
		expect(statements).toMatchObject([{ amount }]);
	});

	test('may be told without VAT', async () => {
		const { statements } = await run({ options: { priceVatRate: 21 } }, [spirii(1, { consumed: 12.5 })]);
		expect(statements).toMatchObject([{ amount: 3.75, vatRatePct: 21, amountExclVat: 3.1, vatAmount: 0.65 }]);
	});
});

describe('a price in another currency than the sessions', () => {
	const costs = (currency: string) => ({ price: { amount: 20, currency } });
	const HINT = 'The sessions are in DKK, the price in EUR, and nothing is converted. Check "Price Currency".';
	const list = { priceFrom: 'list', priceList: { price: [{ perKwh: 2.35, currency: 'DKK' }] } };

	test.each<[string, INodeParameters, IDataObject[], string[]]>([
		['of all', {}, [spirii(1, costs('DKK')), spirii(2, costs('DKK'))], [HINT]],
		['of some', {}, [spirii(1, costs('DKK')), spirii(2, costs('EUR')), spirii(3)], [HINT]],
		[
			'of several',
			{},
			[spirii(1, costs('SEK')), spirii(2, costs('DKK'))],
			[HINT.replace('DKK', 'DKK and SEK')],
		],
		['of none', { priceCurrency: 'DKK' }, [spirii(1, costs('DKK')), spirii(2)], []],
		[
			'of a list',
			list,
			[spirii(1, costs('EUR'))],
			[HINT.replace('DKK', 'x').replace('EUR', 'DKK').replace('x', 'EUR')],
		],
		['that is their own', { priceFrom: 'record' }, [spirii(1, costs('DKK'))], []],
	])('is told once: %s', async (_, parameters, items, expected) => {
		const { statements, hints } = await run(parameters, items);
		expect(statements.some(({ sessions }) => sessions !== 0)).toBe(true);
		expect(hints).toEqual(expected);
	});

	test('is not told of sessions that are not paid for', async () => {
		const { hints } = await run({ sites: 'listed', siteIds: 'location:1766' }, [
			spirii(1, costs('EUR')),
			spirii(2, { ...costs('DKK'), location: { id: 9 } }),
		]);
		expect(hints).toEqual([]);
	});
});

describe('the columns of a statement', () => {
	const columnsOf = async (parameters: INodeParameters, items: IDataObject[]) =>
		(await run(parameters, items)).statements.map((statement) => Object.keys(statement));

	test.each<[string, string[], string[]]>([
		['driver', ['driverName'], ['driver', 'owner', 'statementId']],
		['card', ['card', 'driverName'], ['owner', 'statementId']],
		['charger', ['charger', 'locationName'], ['owner', 'statementId']],
	])('begin with what payroll reads of a %s, and end with IDs', async (statementPer, who, ids) => {
		const list = { for: 'card:04AABBCCDD', plate: 'B-AB 1' };
		const [columns] = await columnsOf({ statementPer }, [list, spirii(1)]);
		expect(columns.slice(0, who.length + 6)).toEqual([
			...who,
			...['energyKwh', 'pricePerKwh', 'amount', 'currency', 'sessions', 'billingMonth'],
		]);
		expect(columns.slice(-ids.length)).toEqual(ids);
		expect(columns.indexOf('plate')).toBeLessThan(columns.indexOf('leftOutReasons'));
	});

	test('have the difference to what was paid beside the amount, in every statement', async () => {
		const { statements } = await run({}, [spirii(1), spirii(2, tagged('BO'))]);
		const again = await columnsOf({}, [...statements, spirii(1)]);
		expect(again).toHaveLength(2);
		for (const columns of again) {
			const amount = columns.indexOf('amount');
			expect(columns.slice(amount, amount + 5)).toEqual([
				...['amount', 'currency', 'paidBefore', 'difference', 'change'],
			]);
		}
	});
});

describe('statements without a session to pay for', () => {
	const HOME = { sites: 'listed', siteIds: 'location:1766' };
	const leftOutBy = async (
		leaveOutEmpty: boolean,
		items: IDataObject[],
		{ options, ...more }: IDataObject = {},
	) =>
		(
			await run(
				{ ...HOME, ...more, options: { ...(options as IDataObject), leaveOutEmpty } } as INodeParameters,
				items,
			)
		).statements.map(({ leftOutReasons }) => leftOutReasons);
	const doubtful = { meterStart: 100_000, meterStop: 120_000 };
	const own: IDataObject = { location: { id: 8 } };
	const invalid = voltTime(1, {
		...{ charger: { uuid: 'c3a7', identity: 'box' }, connector: { connector_id: 1 } },
		...{ charger_connector_id: 4, is_valid: false },
	});
	const cap = (currency: string) => ({
		priceFrom: 'record',
		options: { capList: { cap: [{ perKwh: 1, currency }] } },
	});

	/** Each reason with a session that is left out for it, and the settings. */
	const cases: Record<LeftOut, [items: IDataObject[], more?: IDataObject]> = {
		running: [[spirii(1, { endedAt: null })]],
		'other-site': [[spirii(1, own)]],
		'other-card': [[spirii(1, tagged('OTHER'))], { options: { idTags: '04AABBCCDD' } }],
		'invalid-by-vendor': [[invalid], { sites: 'all' }],
		'site-unclear': [[spirii(1), spirii(2, { chargeBoxId: 1766, ...own })], { siteIds: '1766' }],
		doubtful: [[spirii(1, doubtful)]],
		'no-energy': [[spirii(1, { consumed: 0 })]],
		'no-owner': [[spirii(1, { auth: {} })]],
		'no-month': [
			[spirii(1, { endedAt: 'soon', startedAt: 'now' })],
			{ options: { doubtfulSessions: 'pay' } },
		],
		'price-unclear': [
			[spirii(1)],
			{
				priceFrom: 'list',
				priceList: {
					price: [
						{ for: 'city:Ixelles', perKwh: 1 },
						{ for: 'city: Ixelles', perKwh: 2 },
					],
				},
			},
		],
		'no-price': [[spirii(1)], { priceFrom: 'record' }],
		'no-currency': [[spirii(1, { price: { amount: 3 } })], { priceFrom: 'record' }],
		'cap-currency': [[spirii(1, { price: { amount: 3, currency: 'EUR' } })], cap('DKK')],
	};
	const NOT_MEANT = ['other-card', 'other-site', 'running'];

	test('are left out only where their sessions are not to be paid, whatever the reason', async () => {
		const kept: string[] = [];
		for (const [reason, [items, more]] of Object.entries(cases)) {
			const all = await leftOutBy(false, items, more);
			expect(all).toEqual([expect.stringMatching(new RegExp(`^${reason}: \\d$`))]);
			const shown = await leftOutBy(true, items, more);
			if (shown.length > 0) kept.push(reason);
			expect([reason, shown]).toEqual([reason, NOT_MEANT.includes(reason) ? [] : all]);
		}
		expect(kept.sort()).toEqual(
			Object.keys(LEFT_OUT)
				.filter((reason) => !NOT_MEANT.includes(reason))
				.sort(),
		);
	});

	test('stay with all of their reasons where one session should have been paid', async () => {
		expect(await leftOutBy(true, [spirii(1, own), spirii(2, doubtful)])).toEqual([
			'doubtful: 1; other-site: 1',
		]);
	});

	const cards = ['A', 'B', 'C', 'D'];
	const items = (paid: number) =>
		cards.map((uid, index) => spirii(index + 1, { ...tagged(uid), ...(index < paid ? {} : own) }));

	test.each([
		[0, false],
		[1, true],
		[2, false],
		[4, false],
	])('are told where most are so, but not all: %i of 4 are paid, %p', async (paid, isTold) => {
		const told =
			'3 of 4 statements have only sessions at other sites, with other ID tags or still running. Add the option "Leave Out Empty Statements" to see only the others.';
		const none = expect.stringMatching(/^0 of 4 sessions were at one of the sites/) as string;
		const expected = [...(paid === 0 ? [none] : []), ...(isTold ? [told] : [])];
		const all = await run(HOME, items(paid));
		expect(all.statements).toHaveLength(4);
		expect(all.hints).toEqual(expected);
		const some = await run({ ...HOME, options: { leaveOutEmpty: true } }, items(paid));
		expect(some.statements).toHaveLength(paid);
		expect(some.hints).toEqual(paid === 0 ? [none] : []);
	});
});

describe('a month that was paid before', () => {
	test('keeps who was paid in a statement that is withdrawn, and nothing of its sessions', async () => {
		const list = { for: 'driver:55', plate: 'B-AB 1' };
		const options = { priceVatRate: 21 };
		const { statements } = await run({ options }, [
			list,
			spirii(1, { meterStart: 100_000, meterStop: 110_000 }),
		]);
		const again = await run({ options }, [...statements, list, spirii(2, tagged('BO'))]);
		const [withdrawn] = again.statements.filter(({ change }) => change === 'withdrawn');
		const none = [
			'pricePerKwh',
			'vatRatePct',
			'firstStartedAt',
			'lastEndedAt',
			'meterStartKwh',
			'meterStopKwh',
		];
		const counts = ['energyKwh', 'amount', 'amountExclVat', 'vatAmount', 'sessions', 'leftOut'];
		expect(withdrawn).toEqual({
			...statements[0],
			...Object.fromEntries([...none, 'otherKwh'].map((name) => [name, null])),
			...Object.fromEntries(counts.map((name) => [name, 0])),
			...{ paidBefore: 3, difference: -3, change: 'withdrawn' },
		});
		expect(withdrawn).toMatchObject({ driverName: 'Anna A', driver: '55', plate: 'B-AB 1' });
	});

	const id = (statements: IDataObject[]) => statements.map(({ statementId }) => statementId);

	test('gives the difference to what was paid, for each statement', async () => {
		const first = await run({}, [spirii(1), spirii(2, tagged('BO')), spirii(3, tagged('CY'))]);
		const again = await run({}, [
			...first.statements,
			spirii(1),
			spirii(4),
			spirii(2, tagged('BO')),
			spirii(5, tagged('DI')),
		]);
		expect(
			again.statements.map(({ owner, amount, paidBefore, difference, change }) => [
				String(owner).split(':')[2],
				amount,
				paidBefore,
				difference,
				change,
			]),
		).toEqual([
			['BO', 3, 3, 0, 'unchanged'],
			['DI', 3, 0, 3, 'new'],
			['55', 6, 3, 3, 'changed'],
			['CY', 0, 3, -3, 'withdrawn'],
		]);
		expect(id(first.statements)).toContain('2026-03/spirii:card:BO/EUR/0.3');
		expect(new Set(id(again.statements)).size).toBe(4);
		expect(again.output.map(placesOf)).toContainEqual([5, 0]);
		expect(again.hints).toContainEqual(expect.stringMatching(/^1 earlier statement is withdrawn/));
	});

	test('counts the last version of a statement that was written several times, as text or as number', async () => {
		const [first] = (await run({}, [spirii(1)])).statements;
		const [second] = (await run({}, [first, spirii(1), spirii(2)])).statements;
		const stored = [first, { ...second, amount: '6,00' }];
		const { statements, hints } = await run({}, [...stored, spirii(1), spirii(2), spirii(3)]);
		expect(statements).toMatchObject([{ amount: 9, paidBefore: 6, difference: 3, change: 'changed' }]);
		expect(hints).toEqual(['Of 1 statement there are several earlier versions: the last one counts.']);
	});

	test('is left alone where the run is about another month', async () => {
		const march = (await run({}, [spirii(1)])).statements;
		const april = {
			...spirii(1),
			transactionId: 99,
			startedAt: '2026-04-01T18:00:00Z',
			endedAt: '2026-04-01T19:00:00Z',
		};
		const { statements, hints } = await run({}, [...march, april]);
		expect(statements).toMatchObject([{ billingMonth: '2026-04', change: 'new', difference: 3 }]);
		// Its session may have moved to this month, or be gone.
		const hint = expect.stringMatching(
			/^1 earlier statement is of months in which the input has no session \(2026-03\): 3 EUR paid before/,
		) as string;
		expect(hints).toEqual([hint]);
		expect((await run({}, march)).hints).toEqual([hint]);
	});

	test('is withdrawn where it lies between the months of the run and has no session any more', async () => {
		const march = (await run({}, [spirii(1)])).statements;
		const inMonth = (id: number, month: string) => ({
			...spirii(1),
			transactionId: id,
			startedAt: `2026-${month}-05T18:00:00Z`,
			endedAt: `2026-${month}-05T22:00:00Z`,
		});
		const { statements } = await run({}, [...march, inMonth(98, '02'), inMonth(99, '04')]);
		expect(statements).toContainEqual(
			expect.objectContaining({ billingMonth: '2026-03', change: 'withdrawn', difference: -3, sessions: 0 }),
		);
	});

	test('is refused where an earlier amount cannot be read', async () => {
		const [{ statementId }] = (await run({}, [spirii(1)])).statements;
		expect(await failureOf(run({}, [{ statementId, amount: 'three' }, spirii(1)]))).toMatchObject({
			message: `The earlier statement "${String(statementId)}" has the amount "three", which is no number`,
		});
	});
});

test('the worked example of docs/home-charging.md comes out as it says', async () => {
	const of = (id: number, uid: string) => ({ auth: { idTag: { uid, customer: { id } } } });
	const anna = of(55, '04AABBCCDD');
	const metered = (consumed: number, meterStart: number) => ({
		consumed,
		meterStart,
		meterStop: meterStart + consumed * 1000,
	});
	const bosHome = { chargeBoxId: 6, location: { id: 1802 } };
	const sessions = [
		spirii(1, { ...anna, ...metered(31.5, 100_000) }),
		spirii(5, { ...anna, ...metered(12.25, 140_000) }),
		spirii(9, { ...of(55, '99'), ...metered(8, 160_000) }),
		spirii(12, { ...anna, consumed: 40, chargeBoxId: 77, location: { id: 9 } }),
		spirii(15, { ...anna, ...metered(24, 170_000), consumed: 12 }),
		spirii(16, { ...of(56, '04EE11FF22'), consumed: 12.5, ...bosHome }),
	];
	const list: IDataObject[] = [
		{ for: 'driver:55', from: '2026-01-01', pricePerKwh: 0.36, plate: 'B-AB 1', payrollNumber: 4711 },
		{ for: 'driver:56', from: '2026-01-01', pricePerKwh: 0.28, plate: 'B-CD 2', payrollNumber: 4712 },
		{ for: 'location:1766', from: '2026-01-01', until: '2026-03-31', capPerKwh: 0.3294 },
	];
	const parameters = (more: IDataObject) => ({
		...{ sites: 'listed', siteIds: 'location:1766, location:1802', priceFrom: 'list' },
		options: { idTags: '04AABBCCDD, 04EE11FF22', ...more } as INodeParameters,
	});
	const { statements } = await run(parameters({}), [...sessions, ...list]);
	expect(statements).toMatchObject([
		{
			...{ driver: '55', plate: 'B-AB 1', payrollNumber: 4711, sessions: 2, energyKwh: 43.75 },
			...{ pricePerKwh: 0.3294, amount: 14.41, currency: 'EUR', sessionsCapped: 2 },
			leftOutReasons: 'doubtful: 1; other-card: 1; other-site: 1',
		},
		{ driver: '56', plate: 'B-CD 2', sessions: 1, energyKwh: 12.5, pricePerKwh: 0.28, amount: 3.5 },
	]);
	const again = await run(parameters({ doubtfulSessions: 'pay' }), [...sessions, ...list, ...statements]);
	expect(again.statements).toMatchObject([
		{ energyKwh: 67.75, amount: 22.32, paidBefore: 14.41, difference: 7.91, change: 'changed' },
		{ amount: 3.5, paidBefore: 3.5, difference: 0, change: 'unchanged' },
	]);
});

test('a statement has what payroll books by: company, cost center, customer number, label of the card', async () => {
	const idTag = {
		uid: 'A',
		label: 'Blue',
		billingReference: 'CC-7',
		crmCustomerId: 'EMP-0042',
		customer: { id: 55 },
	};
	const operator = { company: { id: 1, name: 'Operator' } };
	const { statements } = await run({}, [
		spirii(1, { auth: { idTag: { ...idTag, company: { id: 2, name: 'Leasing' } } }, ...operator }),
		spirii(2, { auth: { idTag: { uid: 'B' } }, ...operator }),
	]);
	expect(statements.map(({ companyName }) => companyName)).toEqual([undefined, undefined]);
	expect(statements).toMatchObject([
		{ customerCompanyName: null },
		{ customerCompanyName: 'Leasing', costCenter: 'CC-7', customerErpId: 'EMP-0042', tokenLabel: 'Blue' },
	]);
});
