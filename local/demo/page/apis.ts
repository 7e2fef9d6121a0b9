/** The providers' own APIs, called by this page. What they answer never leaves the browser. */
export interface Item {
  readonly title: string;
  readonly detail: string;
}

/** GETs a path of the provider's API as JSON. */
type Get = <Answer>(path: string) => Promise<Answer>;

interface GraphList<Value> {
  readonly value: readonly Value[];
}

const DAYS = 30;
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** From now on, for a month. */
const range = () => {
  const now = Date.now();
  return [new Date(now).toISOString(), new Date(now + DAYS * 24 * 3600_000).toISOString()] as const;
};

const microsoft = {
  async files(get: Get): Promise<Item[]> {
    const query = new URLSearchParams({ $select: 'name,lastModifiedDateTime', $top: '20' });
    const { value } = await get<GraphList<{ name: string; lastModifiedDateTime: string }>>(
      `/v1.0/me/drive/root/children?${query}`,
    );
    return value.map(({ name, lastModifiedDateTime }) => ({
      title: name,
      detail: `changed ${day.format(new Date(lastModifiedDateTime))}`,
    }));
  },
  async calendar(get: Get): Promise<Item[]> {
    const [startDateTime, endDateTime] = range();
    const query = new URLSearchParams({ startDateTime, endDateTime, $select: 'subject,start' });
    const { value } = await get<GraphList<{ subject: string; start: { dateTime: string } }>>(
      `/v1.0/me/calendarView?${query}`,
    );
    // Graph gives UTC without saying so in the text, unless it is asked for another time zone.
    return value.map(({ subject, start }) => ({
      title: subject,
      detail: moment.format(new Date(`${start.dateTime}Z`)),
    }));
  },
  async mail(get: Get): Promise<Item[]> {
    const query = new URLSearchParams({ $select: 'subject,from,receivedDateTime', $top: '20' });
    const { value } = await get<
      GraphList<{ subject: string; from: { emailAddress: { name: string } }; receivedDateTime: string }>
    >(`/v1.0/me/messages?${query}`);
    return value.map(({ subject, from, receivedDateTime }) => ({
      title: subject,
      detail: `from ${from.emailAddress.name}, ${day.format(new Date(receivedDateTime))}`,
    }));
  },
};

const google = {
  async files(get: Get): Promise<Item[]> {
    const query = new URLSearchParams({ fields: 'files(name,modifiedTime)', pageSize: '20' });
    const { files } = await get<{ files: readonly { name: string; modifiedTime: string }[] }>(
      `/drive/v3/files?${query}`,
    );
    return files.map(({ name, modifiedTime }) => ({
      title: name,
      detail: `changed ${day.format(new Date(modifiedTime))}`,
    }));
  },
  async calendar(get: Get): Promise<Item[]> {
    const [timeMin, timeMax] = range();
    const query = new URLSearchParams({ timeMin, timeMax, singleEvents: 'true', orderBy: 'startTime' });
    const { items } = await get<{ items: readonly { summary: string; start: { dateTime?: string; date?: string } }[] }>(
      `/calendar/v3/calendars/primary/events?${query}`,
    );
    return items.map(({ summary, start }) => ({
      title: summary,
      detail: start.dateTime ? moment.format(new Date(start.dateTime)) : (start.date ?? ''),
    }));
  },
  /** Gmail lists ids; what `gmail.metadata` opens of each message is its headers. */
  async mail(get: Get): Promise<Item[]> {
    const { messages = [] } = await get<{ messages?: readonly { id: string }[] }>(
      '/gmail/v1/users/me/messages?maxResults=10',
    );
    const query = new URLSearchParams({ format: 'metadata' });
    for (const name of ['Subject', 'From']) query.append('metadataHeaders', name);
    type Message = { internalDate: string; payload: { headers: readonly { name: string; value: string }[] } };
    const all = await Promise.all(messages.map(({ id }) => get<Message>(`/gmail/v1/users/me/messages/${id}?${query}`)));
    return all.map(({ internalDate, payload: { headers } }) => {
      const header = (name: string) => headers.find((each) => each.name === name)?.value ?? '';
      return {
        title: header('Subject'),
        detail: `from ${header('From').replace(/ <.*/, '')}, ${day.format(new Date(Number(internalDate)))}`,
      };
    });
  },
};

const notes = {
  async notes(get: Get): Promise<Item[]> {
    const { notes: found } = await get<{ notes: readonly { name: string }[] }>('/me/notes');
    return found.map(({ name }) => ({ title: name, detail: '' }));
  },
};

/** By provider and integration. */
export const readers: Readonly<Record<string, Readonly<Record<string, (get: Get) => Promise<Item[]>>>>> = {
  microsoft,
  google,
  notes,
};
