/** Awaits promises in an order of the caller's, but throws the first error of any of them as soon as it comes. */
export class FirstError {
	private failure: { error: unknown } | undefined;
	private interrupt: (error: unknown) => void = () => undefined;

	/** Adds a promise. Its error is handled here, even if nothing awaits the promise itself. */
	watch(promise: Promise<unknown>): void {
		promise.catch((error: unknown) => {
			this.failure ??= { error };
			this.interrupt(error);
		});
	}

	/** @throws The first error so far of all that were added. */
	throwIfAny(): void {
		if (this.failure) throw this.failure.error;
	}

	/**
	 * Awaits a promise.
	 *
	 * @throws The first error of all that were added.
	 */
	async orResultOf<T>(promise: Promise<T>): Promise<T> {
		this.throwIfAny();
		// Not `Promise.race` with one promise for all errors: that would keep every result in memory.
		const result = await new Promise<T>((resolve, reject) => {
			this.interrupt = reject;
			promise.then(resolve, reject);
		});
		this.throwIfAny();
		return result;
	}
}
