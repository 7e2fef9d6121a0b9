#!/usr/bin/env bash
# The same as main.tf with the Azure CLI (`az login` before it): one federated credential per function. Run it once per client id that
# the output names; what is there already stays, so that it may be run again.
#   terraform -chdir=infra output -json federated_credentials \
#     | jq --arg client CLIENT_ID '.microsoft.subjects[$client]' | infra/microsoft/federate.sh CLIENT_ID
set -euo pipefail
client=${1:?the application (client) id of the app registration}

present=$(az ad app federated-credential list --id "$client" --query '[].[name, subject]' --output tsv)
jq -r 'to_entries[] | "\(.key) \(.value)"' | while read -r name subject; do
  if grep -qxF "token-broker-$name"$'\t'"$subject" <<<"$present"; then
    echo "token-broker-$name is there"
    continue
  fi
  credential=$(jq -n --arg name "token-broker-$name" --arg subject "$subject" \
    '{name: $name, issuer: "https://accounts.google.com", subject: $subject, audiences: ["api://AzureADTokenExchange"]}')
  # One of that name that believes another account is refused by Entra: `az ad app federated-credential delete` it first.
  az ad app federated-credential create --id "$client" --parameters "$credential" </dev/null
done
