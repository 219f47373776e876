// For a quick look: with PROPERTY_RUNS, no property is tried with more values than that.
import type * as fc from 'fast-check';

/** Asks how many of the values were of some kind, and needs them all. */
const COUNTS_VALUES = /spirii.filter\.test\.ts$/;

const { PROPERTY_RUNS } = process.env;
if (PROPERTY_RUNS && !COUNTS_VALUES.test(String(expect.getState().testPath))) {
	jest.doMock('fast-check', () => {
		const real = jest.requireActual<typeof fc & { default: typeof fc }>('fast-check');
		const assert = <T>(property: fc.IRawProperty<T>, parameters: fc.Parameters<T> = {}) => {
			const { numRuns = 100 } = parameters;
			return real.assert(property, { ...parameters, numRuns: Math.min(numRuns, Number(PROPERTY_RUNS)) });
		};
		return { ...real, __esModule: true, assert, default: { ...real.default, assert } };
	});
}
