import { COLUMNS, columnNames } from '../../../nodes/shared/session/columns';
import { groupsOf, labelOf, shownColumns, withColumnNames } from '../../../nodes/shared/session/columnChoice';

/** As many columns as n8n's table shows. */
const TABLE_COLUMNS = 40;

describe('the columns that rows show', () => {
	test('are all of the groups with All', () => {
		expect(shownColumns('all', [], ['driver', 'vehicle'])).toEqual(columnNames(['driver', 'vehicle']));
	});

	test('are about a dozen with Short, in the order of the row, with the key by which later steps know a session', () => {
		const short = shownColumns('short', [], []);
		expect(short.length).toBeGreaterThanOrEqual(11);
		expect(short.length).toBeLessThanOrEqual(14);
		expect(short.slice(0, 3)).toEqual(['startedAt', 'endedAt', 'energyKwh']);
		expect(short.at(-1)).toBe('sessionKey');
		expect(columnNames([]).filter((name) => short.includes(name))).toEqual(short);
	});

	test('are those of Short and what an invoice needs with Billing', () => {
		const billing = shownColumns('billing', [], []);
		expect(billing).toEqual(expect.arrayContaining(shownColumns('short', [], [])));
		expect(billing).toEqual(
			expect.arrayContaining(['amountExclVat', 'vatAmount', 'vatRatePct', 'billingMonth', 'customerErpId']),
		);
		expect(groupsOf(billing)).toEqual(['commercial', 'origin']);
		expect(billing).toContain('source');
	});

	test.each(['short', 'billing'] as const)(
		'with %s and any one group all are in the table of n8n',
		(choice) => {
			for (const group of ['address', 'change', 'commercial', 'driver', 'origin', 'vehicle'] as const) {
				const shown = shownColumns(choice, [], [group]);
				const own = columnNames([group]).filter((name) => !columnNames([]).includes(name));
				expect(own.length).toBeGreaterThan(0);
				expect(shown).toEqual(expect.arrayContaining(own));
				const hidden = shown.slice(TABLE_COLUMNS);
				expect(own.filter((name) => hidden.includes(name) && name !== 'rowHash')).toEqual([]);
			}
		},
	);

	test('are the chosen ones, once each, in their order, by either name', () => {
		expect(
			shownColumns('choose', ['sessionKey', 'Energy (kWh)', 'endedAt', 'sessionKey'], ['driver']),
		).toEqual(['sessionKey', 'energyKwh', 'endedAt']);
		expect(() => shownColumns('choose', ['enegryKwh'], [])).toThrow(
			'"Column Names" has "enegryKwh", and no column has this name',
		);
	});
});

describe('the readable name of a column', () => {
	test('is another for each', () => {
		expect(new Set(COLUMNS.map(labelOf)).size).toBe(COLUMNS.length);
		for (const column of COLUMNS) expect(labelOf(column)).toMatch(/^[A-Z][\w./%() ]+$/);
	});

	test.each([
		['energyKwh', 'Energy (kWh)'],
		['maxPowerKw', 'Max Power (kW)'],
		['durationSeconds', 'Duration (s)'],
		['vatRatePct', 'VAT Rate (%)'],
		['amountInclVat', 'Amount incl. VAT'],
		['pricePerKwh', 'Price per kWh'],
		['evseId', 'EVSE ID'],
		['tokenUid', 'ID Tag'],
		['costCenter', 'Cost Center'],
		['startedAt', 'Started At'],
		['companyName', 'Operator or Team'],
		['companyId', 'Operator or Team ID'],
		['customerErpId', 'Customer Number (CRM or ERP)'],
		['isRoaming', 'Roaming'],
		['localDate', 'Day'],
		['reimbursable', 'Marked for Refunds'],
		['source', 'Vendor'],
		['timezone', 'Time Zone'],
	])('%s: %s', (name, label) => {
		expect(labelOf(COLUMNS.find((column) => column.name === name)!)).toBe(label);
	});

	test('is read back as the name, and other fields stay', () => {
		const row = Object.fromEntries(COLUMNS.map(({ name }, index) => [name, index]));
		const readable = Object.fromEntries(COLUMNS.map((column, index) => [labelOf(column), index]));
		expect(withColumnNames({ ...readable, note: 'x' })).toEqual({ ...row, note: 'x' });
		expect(withColumnNames(row)).toBe(row);
	});
});
