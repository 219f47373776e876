import fc from 'fast-check';

import { IdSet } from '../../../nodes/shared/util/idSet';

/** What a plain set of texts says to the same ids, one after the other. */
function additions(ids: Array<string | number>): { own: boolean[]; plain: boolean[] } {
	const [own, plain] = [new IdSet(), new Set<string>()];
	return {
		own: ids.map((id) => own.add(id)),
		plain: ids.map((id) => plain.size < plain.add(String(id)).size),
	};
}

describe('an id is new', () => {
	test.each<[name: string, ids: Array<string | number>, isNew: boolean[]]>([
		['once', [12, 12, 12], [true, false, false]],
		['once as number and as text', [12, '12', '13', 13], [true, false, true, false]],
		['as nought, too', [0, '0', -0], [true, false, false]],
		['with other zeros in front', ['12', '012', '0012', '00', '0'], [true, true, true, true, true]],
		['with another sign', [12, -12, '-12', '+12', '-0', 0], [true, true, false, true, true, true]],
		['with blanks', ['12', ' 12', '12 ', '12\n', ''], [true, true, true, true, true]],
		['in another notation', [1000, '1e3', '1000.0', '0x3e8', 1e3], [true, true, true, true, false]],
		['with decimals', [1, 1.5, '1.5', 2], [true, true, false, true]],
		[
			'where numbers are not exact any more, as text',
			[
				'9007199254740992',
				'9007199254740993',
				'999999999999999',
				999_999_999_999_999,
				'1000000000000000',
				1e15,
			],
			[true, true, true, false, true, false],
		],
		[
			'above 32 bits',
			[1, 2 ** 32 + 1, 2 ** 33 + 1, 2 ** 32, 0, 2 ** 32 + 1],
			[true, true, true, true, true, false],
		],
		['as a name that every object has', ['__proto__', 'constructor', '__proto__'], [true, true, false]],
		[
			'as a UUID, in the letters it is written with',
			['c0ffee00-1234-4abc-8def-0123456789ab', 'C0FFEE00-1234-4ABC-8DEF-0123456789AB'],
			[true, true],
		],
	])('%s', (_, ids, isNew) => {
		expect(additions(ids)).toEqual({ own: isNew, plain: isNew });
	});

	test('exactly when a plain set of texts says so', () => {
		const number = fc.oneof(
			fc.nat(50),
			fc.nat(),
			fc.maxSafeInteger(),
			fc.maxSafeNat().map((id) => id % 1e15),
			fc.double(),
			// Neighbours that share their low or their high half.
			fc.tuple(fc.nat(3), fc.nat(3)).map(([high, low]) => high * 2 ** 32 + low),
			fc.constantFrom(0, -0, 999_999_999_999_999, 1e15, 2 ** 53, 1e21, NaN, Infinity),
		);
		const id = fc.oneof(
			number,
			number.map(String),
			number.map((given) => `0${given}`),
			fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
			fc.uuid(),
			fc.string({ maxLength: 3 }),
		);
		fc.assert(
			fc.property(fc.array(id, { size: 'xlarge', maxLength: 4000 }), (ids) => {
				// Every id comes a second time, so that what was put away is found again.
				const { own, plain } = additions([...ids, ...ids]);
				expect(own).toEqual(plain);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('a hundred thousand ids', () => {
	const COUNT = 100_000;

	test.each([
		['in a row', 1, 0],
		['in a row from a high one on', 1, 900_000_000_000_000],
		['that are multiples of 10', 10, 0],
		['that are multiples of 1,000, as times in milliseconds are', 1000, 1_700_000_000_000],
		['that are multiples of 1,024', 1024, 0],
		['that are multiples of 65,536', 65_536, 0],
		['that are multiples of 2^32', 2 ** 32, 0],
	])('%s are each new once', (_, stride, first) => {
		const ids = new IdSet();
		const countNew = () => {
			let count = 0;
			for (let index = 0; index < COUNT; index++) {
				if (ids.add(first + index * stride)) count++;
			}
			return count;
		};
		expect(countNew()).toBe(COUNT);
		expect(countNew()).toBe(0);
		// The ids between them were never there.
		expect(ids.add(first + stride * COUNT)).toBe(true);
		if (stride > 1) expect(ids.add(first + 1)).toBe(true);
		expect(meanSearch(ids)).toBeLessThan(5);
	});

	/** How many places, on average over all where a search may begin, are looked at before an empty one is found. */
	function meanSearch(ids: IdSet): number {
		const { slots } = ids as unknown as { slots: Float64Array };
		let [steps, run] = [0, 0];
		for (const stored of slots) {
			run = stored === 0 ? 0 : run + 1;
			steps += run + 1;
		}
		return steps / slots.length;
	}
});
