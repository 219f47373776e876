// `npm run check`: what tells most in little time. It looks for what changed only where it can, and gives each property fewer
// values; `npm test` leaves nothing out.
import { checkNode, ensureProject } from '../sandbox/install.mjs';
import { quietJest, sideBySide, sumUpAfter, tool, TOOLS } from './steps.mjs';

const PROPERTY_RUNS = '50';

await sumUpAfter(async () => {
	checkNode();
	await ensureProject();
	await sideBySide(
		'Formatting, lint, types, unit and contract tests side by side, about 1 minute',
		[TOOLS.typesOfTests, TOOLS.types, TOOLS.lintOfChanges, TOOLS.format].map((one) => () => tool(one)),
		[
			() =>
				quietJest(
					'unit and contract tests (jest)',
					{ PROPERTY_RUNS },
					'--selectProjects',
					...['unit', 'contract'],
				),
		],
	);
});
