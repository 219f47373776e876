import type { Problem } from '../contract';
import { Refusal } from '../server';

/** 404 in Laravel's wording. */
export function notFound(model: string, id: string): Refusal {
	return new Refusal(404, { message: `No query results for model [App\\Models\\${model}] ${id}` });
}

/** 422 for parameters that an endpoint does not know. Laravel ignores them; the sandbox refuses, so that tests find misspelled names. */
export function refuseAll(names: Iterable<string>): void {
	const problems = Array.from(names, (name) => problem(name, 'unknown'));
	if (problems.length > 0) throw invalid(problems);
}

export function problem(param: string, keyword: string, limit?: unknown): Problem {
	return { param, keyword, message: '', limit };
}

/** 422 in Laravel's form and wording. */
export function invalid(problems: Problem[]): Refusal {
	const errors: Record<string, string[]> = {};
	for (const one of problems) (errors[one.param || 'body'] ??= []).push(inLaravelsWords(one));
	const [first] = Object.values(errors).flat();
	const others = problems.length - 1;
	const more = others > 0 ? ` (and ${others} more error${others > 1 ? 's' : ''})` : '';
	return new Refusal(422, { message: `${first}${more}`, errors });
}

function inLaravelsWords({ param, keyword, limit }: Problem): string {
	const field = param.replaceAll('_', ' ');
	switch (keyword) {
		case 'type':
			return `The ${field} field must be ${limit === 'integer' ? 'an' : 'a'} ${String(limit)}.`;
		case 'maximum':
			return `The ${field} field must not be greater than ${String(limit)}.`;
		case 'minimum':
			return `The ${field} field must be at least ${String(limit)}.`;
		case 'enum':
			return `The selected ${field} is invalid.`;
		case 'pattern':
			return `The ${field} field must match the format Y-m-d H:i:s.`;
		case 'format':
			return limit === 'uuid'
				? `The ${field} field must be a valid UUID.`
				: `The ${field} field must match the format Y-m-d.`;
		case 'order':
			return `The ${field} field must be a date after or equal to ${String(limit)}.`;
		case 'dependentRequired':
			return `The ${field} field is required when ${String(limit).replaceAll('_', ' ')} is present.`;
		default:
			return `The ${field} field is not known here.`;
	}
}
