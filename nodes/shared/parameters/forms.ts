/** The expressions of `routing` that parameters here use; `routing.ts` knows what they do. */

/** `routing.send.value` of a yes/no parameter that the API wants as 0 or 1. */
export const AS_ZERO_OR_ONE = '={{ $value ? 1 : 0 }}';

/** `routing.send.value` of a whole number that is picked or given as text. */
export const AS_NUMBER = '={{ Number($value) }}';

/** `routing.send.value` of a text such as `1766, 1767` that the API wants as a list of numbers. */
export const AS_NUMBER_LIST = '={{ $value.split(",").map(Number) }}';

/** `routing.send.value` of a list that the API wants as one text with commas. */
export const AS_COMMA_LIST = '={{ $value.join(",") }}';

/** `routing.send.value` of a `json` parameter: sent as the object that its text describes. */
export const AS_JSON = '={{ JSON.parse($value) }}';

/**
 * `routing.request.body` of a `multiOptions` parameter such as "Fields to Clear": every name in it is sent as null. Its options
 * have the API's names as values.
 *
 * @example
 * { displayName: 'Fields to Clear', name: 'clear', type: 'multiOptions', default: [],
 *   options: [{ name: 'Note', value: 'note' }], routing: { request: { body: CLEAR_EACH } } }
 */
export const CLEAR_EACH = '={{ Object.fromEntries($value.map((name) => [name, null])) }}';
