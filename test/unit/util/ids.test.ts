import { ApiError } from '../../../nodes/shared/util/errors';
import { readId } from '../../../nodes/shared/util/ids';

test.each([
	[7, '7'],
	['7', '7'],
	['007', '007'],
	[0, '0'],
	[-5, '-5'],
	[2 ** 53 - 1, '9007199254740991'],
	['7615917337495251231', '7615917337495251231'],
	['c0ffee00-0000-4000-8000-000000000001', 'c0ffee00-0000-4000-8000-000000000001'],
])('%j is the id %j', (value, id) => {
	expect(readId(value)).toBe(id);
});

test.each([undefined, null, '', ' ', true, {}, []])('%j is no id', (value) => {
	expect(readId(value)).toBeUndefined();
});

test.each([2 ** 53, -(2 ** 53), 7615917337495251000, 1e21, Infinity, NaN])(
	'%d is refused by name: its last digits are not those that were sent',
	(value) => {
		expect(() => readId(value)).toThrow(ApiError);
		expect(() => readId(value)).toThrow(`The API gave the id ${value} as a number with more digits`);
	},
);
