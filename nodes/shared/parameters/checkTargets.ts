import type { INodePropertyRouting } from 'n8n-workflow';

import { optionsOf, refuse, type PropertyLeaf } from './propertyTree';
import { constantsIn, isIndexed, pathOf, type Path, type Write } from './routing';

/** A path in the query or the body that a property writes to. */
interface Target {
	destination: Write['destination'];
	path: Path;
	leaf: PropertyLeaf;
	/** The option that writes it. */
	option?: unknown;
	/** The fixed collection whose row index stands in the path. */
	row?: string;
}

function targetsOf(leaf: PropertyLeaf): Target[] {
	const writes = ({ send, request }: INodePropertyRouting = {}, option?: unknown): Target[] => [
		...constantsIn(request).map(({ destination, path }) => ({ destination, path, leaf, option })),
		...(send?.type
			? [
					{
						destination: send.type,
						path: pathOf(send),
						leaf,
						option,
						row: isIndexed(send) ? leaf.row : undefined,
					},
				]
			: []),
	];
	return [
		...writes(leaf.property.routing),
		...optionsOf(leaf.property).flatMap(({ value, routing }) => writes(routing, value)),
	];
}

/** @throws Error if one value would overwrite another, or would have to be inside another. */
export function checkTargets(leaves: PropertyLeaf[], isEncoded: (leaf: PropertyLeaf) => boolean): void {
	const targets = leaves.flatMap(targetsOf);
	targets.forEach((target, at) => {
		const other = targets.slice(0, at).find((earlier) => overlap(earlier, target));
		if (!other) return;
		const { leaf, option } = target;
		// Only one option of a parameter is picked at a time.
		if (leaf === other.leaf && option !== other.option && option !== undefined && other.option !== undefined)
			return;
		if (leaf !== other.leaf && isEncoded(leaf) && isEncoded(other.leaf)) return;
		const { displayName, name } = other.leaf.property;
		refuse(
			leaf.property,
			`routing writes to ${target.destination} ${target.path.join('.')}, to which "${displayName}" (${name}) writes, too`,
		);
	});
}

function overlap(one: Target, other: Target): boolean {
	if (one.destination !== other.destination) return false;
	for (let at = 0; at < Math.min(one.path.length, other.path.length); at++) {
		const [here, there] = [one.path[at], other.path[at]];
		// They overlap if one is a list and the other an object, or if their indexes count the rows of different collections.
		if (typeof here !== typeof there || (typeof here === 'number' && one.row !== other.row)) return true;
		if (here !== there) return false;
	}
	return true;
}
