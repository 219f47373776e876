import { ApiError } from '../util/errors';
import { isOutcomeUnknown, OUTCOME_UNKNOWN } from './retry';

/** A request that must not be sent twice, and the check whether it was carried out. */
export interface VerifiedWrite<T> {
	/** Sends the request once, with the safety class `create` or `final`. */
	send: () => Promise<T>;
	/** Looks up the result by its natural key (a card number, an email, a code). Returns `undefined` if there is none. */
	readBack: () => Promise<T | undefined>;
	/** The subject of the error message, with its natural key: `the card "04A1B2"`. */
	subject: string;
	verb: 'created' | 'changed';
	/** The differences to what was sent, for the message: `its amount is 5, not 10`. If left out, any result counts. */
	differences?: (found: T) => string[];
}

/**
 * Sends a request. If its outcome is unknown, looks up its result.
 *
 * @returns The result of `send`, or the result that was looked up.
 * @throws ApiError with `outcome: 'unknown'` if there is no result, the result differs, or the lookup failed. Any other error of
 * `send` is passed on.
 */
export async function sendVerified<T>({
	send,
	readBack,
	subject,
	verb,
	differences = () => [],
}: VerifiedWrite<T>): Promise<T> {
	return await send().catch(async (error: unknown) => {
		if (!isOutcomeUnknown(error)) throw error;
		const unknown = (found: string) =>
			new ApiError(`It is not known whether ${subject} was ${verb}`, {
				...error.details,
				advice: `What happened: ${error.message.replace(OUTCOME_UNKNOWN, '')}. ${found} Check it before you run this again.`,
			});
		const found = await readBack().catch((reason: unknown) => {
			if (!(reason instanceof ApiError)) throw reason;
			throw unknown(`It could not be looked up: ${reason.message}.`);
		});
		if (found === undefined) throw unknown('It was looked up and not found, but may still appear.');
		const different = differences(found);
		if (different.length > 0) throw unknown(`It was looked up, and ${different.join(', ')}.`);
		return found;
	});
}
