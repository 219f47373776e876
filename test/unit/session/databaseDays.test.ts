import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// In Santiago the clocks change at midnight, so that a day begins at one.
const ZONES = ['UTC', 'Europe/Copenhagen', 'America/Los_Angeles', 'America/Santiago', 'Pacific/Auckland'];

/** Reads each day of a year back from the `Date` that a database driver makes of a DATE: midnight on the clock of the machine. */
const EVERY_DAY = `
const { rowReader } = require(${JSON.stringify(join(__dirname, '../../../nodes/shared/session/readRow.ts'))});

const settings = { pricesIncludeVat: true, timezone: 'Europe/Amsterdam', billBy: 'end', groups: [], driver: 'plain' };
const result = {};
for (const zone of ${JSON.stringify(ZONES)}) {
	process.env.TZ = zone;
	const wrong = [];
	for (let day = 0; day < 365; day++) {
		const expected = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
		const localDate = new Date(2026, 0, 1 + day);
		for (const given of [localDate, localDate.toISOString()]) {
			const row = { source: 'spirii', sessionKey: 'spirii:1', energyKwh: 1, localDate: given, billingMonth: given };
			const read = rowReader([row])(row, settings);
			if (read.localDate !== expected || read.billingMonth !== expected.slice(0, 7)) wrong.push(expected);
		}
	}
	result[Intl.DateTimeFormat().resolvedOptions().timeZone] = wrong;
}
console.log(JSON.stringify(result));
`;

test('a day that a database gave is read as that day, in whatever time zone the machine is', () => {
	const output = execFileSync(
		process.execPath,
		['--import', 'tsx', '--input-type=commonjs', '-e', EVERY_DAY],
		{ encoding: 'utf8' },
	);
	expect(JSON.parse(output)).toEqual(Object.fromEntries(ZONES.map((zone) => [zone, []])));
}, 60_000);
