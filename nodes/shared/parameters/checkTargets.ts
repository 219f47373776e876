import type { INodePropertyRouting } from 'n8n-workflow';

import { optionsOf, refuse, type PropertyLeaf } from './propertyTree';
import { constantsIn, isIndexed, pathOf, type Path, type Write } from './routing';

/** A place in the query or the body that something is written to. */
interface Target {
	place: Write['place'];
	path: Path;
	leaf: PropertyLeaf;
	/** The option that writes it. */
	option?: unknown;
	/** Whose rows count the numbers in the path. */
	row?: string;
}

function targetsOf(leaf: PropertyLeaf): Target[] {
	const writes = ({ send, request }: INodePropertyRouting = {}, option?: unknown): Target[] => [
		...constantsIn(request).map(({ place, path }) => ({ place, path, leaf, option })),
		...(send?.type
			? [{ place: send.type, path: pathOf(send), leaf, option, row: isIndexed(send) ? leaf.row : undefined }]
			: []),
	];
	return [
		...writes(leaf.property.routing),
		...optionsOf(leaf.property).flatMap(({ value, routing }) => writes(routing, value)),
	];
}

/** @throws Error where one value would overwrite another, or would have to be inside of it. */
export function checkTargets(leaves: PropertyLeaf[], isEncoded: (leaf: PropertyLeaf) => boolean): void {
	const targets = leaves.flatMap(targetsOf);
	targets.forEach((target, at) => {
		const other = targets.slice(0, at).find((earlier) => overlap(earlier, target));
		if (!other) return;
		const { leaf, option } = target;
		// Of the options of a parameter, only one is picked.
		if (leaf === other.leaf && option !== other.option && option !== undefined && other.option !== undefined)
			return;
		if (leaf !== other.leaf && isEncoded(leaf) && isEncoded(other.leaf)) return;
		const { displayName, name } = other.leaf.property;
		refuse(
			leaf.property,
			`routing writes to ${target.place} ${target.path.join('.')}, to which "${displayName}" (${name}) writes, too`,
		);
	});
}

function overlap(one: Target, other: Target): boolean {
	if (one.place !== other.place) return false;
	for (let at = 0; at < Math.min(one.path.length, other.path.length); at++) {
		const [here, there] = [one.path[at], other.path[at]];
		// A list or an object; and rows of one list only.
		if (typeof here !== typeof there || (typeof here === 'number' && one.row !== other.row)) return true;
		if (here !== there) return false;
	}
	return true;
}
