/** The function behind the project's own server, as on Cloud Run. */
import { startServer } from '../../functions/http/server.ts';

const { answers } = await import('../../functions/answers/index.ts');
startServer(answers, Number(process.env.PORT));
