/** The function's own identity, from Google's metadata server by google-auth-library. */

/** An ID token of the function's service account for `audience`: an hour's assertion, nothing secret stored. */
export const identityToken = async (audience: string): Promise<string> => {
  const { GoogleAuth } = await import('google-auth-library');
  const client = await new GoogleAuth().getIdTokenClient(audience);
  return client.idTokenProvider.fetchIdToken(audience);
};
