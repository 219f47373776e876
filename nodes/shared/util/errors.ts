/** Why a call went wrong, in the words n8n's scheduler understands (n8n-workflow 2.41.0, `Failure`). */
export type FailureCause =
	'rate-limited' | 'temporarily-unavailable' | 'credential-invalid' | 'configuration-invalid';

/** What the person at the canvas gave cannot be sent: names the parameter, what came and what is allowed. */
export class InputError extends Error {
	override readonly name = 'InputError';

	/**
	 * @param message One sentence with the parameter's label, what is allowed and what came.
	 * @param advice What to do about it.
	 */
	constructor(
		message: string,
		readonly advice?: string,
	) {
		super(message);
	}

	/** The advice under the name that n8n reads it by, where it shows an error of a credential (n8n 1.123.81 and 2.41.1). */
	get description(): string | undefined {
		return this.advice;
	}
}

/** The service did not answer as documented. Carries no header, no address with a secret, no stack of the helper. */
export class ApiError extends Error {
	override readonly name = 'ApiError';

	/**
	 * @param message What happened, in one sentence.
	 * @param details `advice`: what to do next; `status`: the HTTP status, where one came; `failure`: the cause, only
	 * where the answer proves it; `retryAfterMs`: the wait the service asked for; `serverWords`: the part of the advice
	 * that the service said itself; `outcome`: whether a request that changes something may have been carried out.
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

/** Shows a value in an error message: as JSON, at most 60 characters of it. */
export function formatValue(value: unknown): string {
	const text = typeof value === 'string' ? `"${value}"` : asJson(value);
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Expressions give more than JSON holds: NaN, big integers, objects that contain themselves. */
function asJson(value: unknown): string {
	if (typeof value !== 'object') return String(value);
	try {
		return JSON.stringify(value) ?? 'undefined';
	} catch {
		return Object.prototype.toString.call(value);
	}
}
