import { ApiError } from '../util/errors';
import { isOutcomeUnknown, OUTCOME_UNKNOWN } from './retry';

/** A request that must not be sent twice, and how to find out whether it was carried out. */
export interface VerifiedWrite<T> {
	/** Sends it once, as a request of class `create` or `final`. */
	send: () => Promise<T>;
	/** Looks for what it leads to, by its natural key (a card number, an email, a code); `undefined` where there is none. */
	readBack: () => Promise<T | undefined>;
	/** For the message, with its natural key: `the card "04A1B2"`. */
	subject: string;
	verb: 'created' | 'changed';
	/** What of the found one is not as sent, for the message: `its amount is 5, not 10`. Without it, to be found is enough. */
	differences?: (found: T) => string[];
}

/**
 * Sends a request, and reads back what it led to where its outcome is unknown.
 *
 * @returns What `send` gives, or what was found.
 * @throws ApiError with `outcome: 'unknown'`: nothing was found, what was found differs, or it could not be looked up. What `send`
 * throws otherwise.
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
