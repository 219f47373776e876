import { ApiError } from './errors';

/**
 * Reads the id of a record. Vendors write ids as numbers or as text: `7` and `"7"` are the same id, `"007"` and `"7"` are not.
 *
 * @returns The id as text; `undefined` if it is missing, null or blank, or neither a number nor text.
 * @throws ApiError if it is a number that may have lost digits, see {@link isExact}.
 */
export function readId(value: unknown): string | undefined {
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	if (typeof value !== 'number') return undefined;
	if (isExact(value)) return String(value);
	throw new ApiError(
		`The API gave the id ${value} as a number with more digits than JSON numbers can hold, so its last digits are not right`,
		{
			advice: 'Ask the vendor to send IDs as text. Nothing was read, so that no session is lost or mixed up.',
		},
	);
}

/**
 * Whether a number from JSON has all the digits that the vendor sent. JavaScript rounds whole numbers above 2^53:
 * 7615917337495251231 becomes 7615917337495251000, and so do other ids.
 */
export function isExact(number: number): boolean {
	return Number.isSafeInteger(number) || (Number.isFinite(number) && !Number.isInteger(number));
}
