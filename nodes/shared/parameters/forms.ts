/** The supported expressions in `routing`. `routing.ts` carries them out. */

/** `routing.send.value` of a boolean that the API expects as 0 or 1. */
export const AS_ZERO_OR_ONE = '={{ $value ? 1 : 0 }}';

/** `routing.send.value` of a whole number that is picked or given as text. */
export const AS_NUMBER = '={{ Number($value) }}';

/** `routing.send.value` of a text such as `1766, 1767` that the API wants as a list of numbers. */
export const AS_NUMBER_LIST = '={{ $value.split(",").map(Number) }}';

/** `routing.send.value` of a list that the API expects as one text with commas. */
export const AS_COMMA_LIST = '={{ $value.join(",") }}';

/** `routing.send.value` of a `json` parameter: its text is parsed and sent as an object. */
export const AS_JSON = '={{ JSON.parse($value) }}';

/**
 * `routing.request.body` of a `multiOptions` parameter such as "Fields to Clear": each picked field is sent as null. The values of
 * its options are the API's field names.
 *
 * @example
 * { displayName: 'Fields to Clear', name: 'clear', type: 'multiOptions', default: [],
 *   options: [{ name: 'Note', value: 'note' }], routing: { request: { body: CLEAR_EACH } } }
 */
export const CLEAR_EACH = '={{ Object.fromEntries($value.map((name) => [name, null])) }}';
