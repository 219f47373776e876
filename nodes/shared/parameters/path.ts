import { pathSegment } from '../http/url';
import type { Parameters } from './types';

/**
 * Fills a path such as `/api/v2/teams/{team_id}/chargers` from the parameters of the same name in camelCase. The placeholder of a
 * parameter that is hidden, and so not set, is kept.
 *
 * @throws InputError if an id could change the path.
 */
export function fillPath(
	template: string,
	{ values, labels }: Pick<Parameters, 'values' | 'labels'>,
): string {
	return template.replace(/\{(\w+)\}/g, (placeholder, wireName: string) => {
		const name = toCamelCase(wireName);
		const id = values[name];
		return id === undefined ? placeholder : pathSegment(String(id), labels[name]);
	});
}

/** `team_id` -> `teamId`: the name of an API parameter in the node. */
export function toCamelCase(wireName: string): string {
	return wireName.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
