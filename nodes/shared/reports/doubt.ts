import { codesOf, doubtsIn, settingsMissingIn, WARNING_KINDS } from '../session/warnings';
import type { Cell } from '../session/types';

type Row = Record<string, Cell>;

/** Whether the energy or the time of a session is in doubt. */
export function isDoubtful({ warnings }: Row): boolean {
	return doubtsIn(warnings).length > 0;
}

/** Whether the vendor itself marks the session as not valid. */
export function isInvalid({ warnings }: Row): boolean {
	return codesOf(warnings, ['note']).includes('invalid-by-vendor');
}

/** Whether a session has codes other than those that a setting would cure. */
export function isWarned({ warnings }: Row): boolean {
	return String(warnings ?? '')
		.split(';')
		.some((code) => code !== '' && WARNING_KINDS[code as keyof typeof WARNING_KINDS] !== 'settings');
}

/** Whether a session has a code that a setting would cure. */
export function lacksSettings({ warnings }: Row): boolean {
	return settingsMissingIn(warnings).length > 0;
}
