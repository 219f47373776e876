import { ApiError } from './errors';

/**
 * Reads the id of a record. Vendors write ids as numbers or as text; `7` and `"7"` are one id, `"007"` and `"7"` are two.
 *
 * @returns The id as text; `undefined` where there is none: missing, null, blank, or no number and no text.
 * @throws ApiError when it is a number that cannot be exact, see {@link isExact}.
 */
export function readId(value: unknown): string | undefined {
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	if (typeof value !== 'number') return undefined;
	if (isExact(value)) return String(value);
	throw new ApiError(
		`The API gave the id ${value} as a number with more digits than JSON numbers can hold, so its last digits are not right`,
		{
			advice: 'Ask the vendor to send ids as text. Nothing was read, so that no session is lost or mixed up.',
		},
	);
}

/**
 * Whether a number that came out of JSON is the number that was written. Beyond 2^53, JavaScript rounds: 7615917337495251231
 * becomes 7615917337495251000, and another id can become the same.
 */
export function isExact(number: number): boolean {
	return Number.isSafeInteger(number) || (Number.isFinite(number) && !Number.isInteger(number));
}
