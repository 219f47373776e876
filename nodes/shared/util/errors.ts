/** The cause of a failed call, in the values of n8n's scheduler (n8n-workflow 2.41.0, `Failure`). */
export type FailureCause =
	'rate-limited' | 'temporarily-unavailable' | 'credential-invalid' | 'configuration-invalid';

/** A parameter has a value that cannot be sent. The message names the parameter, the allowed values and the given one. */
export class InputError extends Error {
	override readonly name = 'InputError';

	/**
	 * @param message One sentence with the parameter's label, the allowed values and the given one.
	 * @param advice How the user can fix it.
	 */
	constructor(
		message: string,
		readonly advice?: string,
	) {
		super(message);
	}

	/** The advice. n8n reads this property when it shows an error of a credential (n8n 1.123.81 and 2.41.1). */
	get description(): string | undefined {
		return this.advice;
	}
}

/** The response of the service is not as documented. The error contains no headers, no URL with a secret and no stack of n8n's helper. */
export class ApiError extends Error {
	override readonly name = 'ApiError';

	/**
	 * @param message What happened, in one sentence.
	 * @param details `advice`: what to do next; `status`: the HTTP status, if there was a response; `failure`: the cause, only
	 * if the response proves it; `retryAfterMs`: the wait that the service asks for; `serverWords`: the part of the advice
	 * in the service's own words; `outcome`: whether a request that changes something may have been carried out.
	 */
	constructor(
		message: string,
		readonly details: {
			advice?: string;
			status?: number;
			failure?: FailureCause;
			retryAfterMs?: number;
			serverWords?: string;
			outcome?: 'unknown' | 'notDone';
		} = {},
	) {
		super(message);
	}
}

/**
 * Reads one part of several, and names it in the errors: `... (HTTP 404): charger 402718 "Garage", team 1107`.
 *
 * @param part The ids of the part, and its name where it is known.
 * @throws What the pages throw. An ApiError gets the part. A refusal of one part does not prove that the credential is wrong.
 */
export async function* namingPart<T>(part: string, pages: AsyncIterable<T>): AsyncGenerator<T> {
	try {
		yield* pages;
	} catch (error) {
		const named = error instanceof ApiError ? withPart(error, part) : error;
		throw named;
	}
}

/** The error with the part that it is of, see {@link namingPart}. */
export function withPart({ message, details }: ApiError, part: string): ApiError {
	const named = `${message}: ${part}`;
	if (details.status !== 403) return new ApiError(named, details);
	const advice = ['The credential may not read this part, or no longer.', details.advice ?? '']
		.join(' ')
		.trim();
	return new ApiError(named, { ...details, advice, failure: undefined });
}

/**
 * Reads one record, and names it where there is none: `Charge record 99999999 was not found`.
 *
 * @param noun Its name in sentences: `charge record`.
 * @throws ApiError that names the record for the status 404, and what `read` throws.
 */
export async function orNotFound<T>(noun: string, id: unknown, read: () => Promise<T>): Promise<T> {
	return await read().catch((error: unknown) => {
		throw error instanceof ApiError && error.details.status === 404
			? notFound(noun, id, error.details)
			: (error as Error);
	});
}

/** The error for a record that the vendor does not have. */
export function notFound(noun: string, id: unknown, details: ApiError['details'] = {}): ApiError {
	const { serverWords } = details;
	const advice = `Check the ID, and that the credential may read this ${noun}.`;
	return new ApiError(`${noun[0].toUpperCase()}${noun.slice(1)} ${String(id)} was not found`, {
		...details,
		advice: serverWords ? `${advice} ${serverWords}` : advice,
	});
}

/** Formats a value for an error message: as JSON, cut after 60 characters. */
export function formatValue(value: unknown): string {
	const text = typeof value === 'string' ? `"${value}"` : asJson(value);
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Expressions also return values that JSON cannot hold: NaN, big integers, circular objects. */
function asJson(value: unknown): string {
	if (typeof value !== 'object') return String(value);
	try {
		return JSON.stringify(value) ?? 'undefined';
	} catch {
		return Object.prototype.toString.call(value);
	}
}
