import type { Cell } from '../session/types';

/** Codes of a session that contradicts itself in its energy or time, or is counted elsewhere as well. */
const DOUBTS = new Set([
	'end-before-start',
	'energy-implausible',
	'energy-negative',
	'energy-unreadable',
	'meter-backwards',
	'meter-mismatch',
	'overlapping',
	'time-implausible',
	'time-unreadable',
]);

/** Codes that a setting would cure. They say nothing against the session. */
const SETTINGS_MISSING = new Set(['no-currency', 'no-vat']);

/** The codes in `warnings`, sorted by what they mean. `invalid-by-vendor` is in `all` only. */
export function codesIn(warnings: Cell | undefined): {
	all: string[];
	doubts: string[];
	settingsMissing: string[];
} {
	const all = String(warnings ?? '')
		.split(';')
		.filter((code) => code !== '');
	return {
		all,
		doubts: all.filter((code) => DOUBTS.has(code)),
		settingsMissing: all.filter((code) => SETTINGS_MISSING.has(code)),
	};
}

/** Whether the energy or the time of a session is in doubt. */
export function isDoubtful({ warnings }: Record<string, Cell>): boolean {
	return codesIn(warnings).doubts.length > 0;
}

/** Whether the vendor itself marks the session as not valid. */
export function isInvalid({ warnings }: Record<string, Cell>): boolean {
	return codesIn(warnings).all.includes('invalid-by-vendor');
}

/** Whether a session has codes other than those that a setting would cure. */
export function isWarned({ warnings }: Record<string, Cell>): boolean {
	const { all, settingsMissing } = codesIn(warnings);
	return all.length > settingsMissing.length;
}

/** Whether a session has a code that a setting would cure. */
export function lacksSettings({ warnings }: Record<string, Cell>): boolean {
	return codesIn(warnings).settingsMissing.length > 0;
}
