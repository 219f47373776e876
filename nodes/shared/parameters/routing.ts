import type { Wire } from './types';

/** `routing.send.value` of a yes/no parameter that the API wants as 0 or 1. */
export const AS_ZERO_OR_ONE = '={{ $value ? 1 : 0 }}';

export function toWire(value: unknown, form: string | undefined, formatDate: (date: Date) => string): Wire {
	if (value instanceof Date) return formatDate(value);
	if (form === AS_ZERO_OR_ONE) return value ? 1 : 0;
	return value as Wire;
}
