# Sourced by bench/compare. The real thing: `postern up` gives authority and control plane, the APIs are made through the
# management API, and the gateway under test is a process of its own that authenticates with Entra and pulls its snapshot.

start_postern() {
    dotnet build "$root/src/Postern" -c Release -v q -nologo >"$work/postern.build.log" 2>&1 || fail "Postern did not build: $work/postern.build.log"
    local postern="$root/src/Postern/bin/Release/net10.0/postern" tries
    start postern-up "$load_core" "$postern" up --data "$work/system" --ports free
    for tries in $(seq 600); do
        [ -s "$work/system/connection.env" ] && break
        kill -0 "$started" 2>/dev/null || { tail -n 20 "$work/postern-up.log" >&2; fail "postern up ended."; }
        sleep 0.1
    done
    [ -s "$work/system/connection.env" ] || { tail -n 20 "$work/postern-up.log" >&2; fail "postern up was not ready within a minute."; }
    . "$work/system/connection.env"

    sign_in
    provision

    cat >"$work/gateway.env" <<EOF
config.service.endpoint=$CONFIGURATION_ENDPOINT
config.service.auth=azureAdApp
config.service.auth.azureAd.authority=$AZURE_AUTHORITY_HOST
config.service.auth.azureAd.tenantId=$AZURE_TENANT_ID
config.service.auth.azureAd.clientId=$GATEWAY_CLIENT_ID
config.service.auth.azureAd.clientSecret=$GATEWAY_CLIENT_SECRET
gateway.name=bench
telemetry.logs.std.level=warn
EOF
    local port; port=$(free_port)
    start postern "$proxy_core" env SSL_CERT_FILE="$CA_FILE" ${BENCH_GATEWAY_ENV:-} "$postern" gateway --settings "$work/gateway.env" --http "127.0.0.1:$port" --https 127.0.0.1:0
    await postern "http://127.0.0.1:$port/status-0123456789abcdef" 200
    await postern "http://127.0.0.1:$port/open/42" 200
    if wanted postern-pass; then
        contenders+=("postern-pass|pass|$started|http://127.0.0.1:$port/open/42")
    fi
    if wanted postern; then
        check_gateway_work postern "http://127.0.0.1:$port"
        contenders+=("postern|gateway|$started|http://127.0.0.1:$port/orders/42")
    fi
}

sign_in() {
    token=$(curl -sS --fail-with-body --cacert "$CA_FILE" "${AZURE_AUTHORITY_HOST%/}/$AZURE_TENANT_ID/oauth2/v2.0/token" \
        -d grant_type=client_credentials -d "client_id=$AZURE_CLIENT_ID" \
        --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" --data-urlencode "scope=$ARM_ENDPOINT/.default" |
        sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p') && [ -n "$token" ] || fail "the operator got no token."
}

put() { # path below the service, JSON properties (none: no body)
    local service="$ARM_ENDPOINT/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/$SERVICE_NAME"
    local body=()
    [ -z "${2:-}" ] || body=(-H 'Content-Type: application/json' -d "{\"properties\":$2}")
    curl -sS --fail-with-body -o "$work/put.log" --cacert "$CA_FILE" -X PUT -H "Authorization: Bearer $token" "${body[@]}" \
        "$service/$1?api-version=2024-05-01" || fail "PUT $1 was refused: $(cat "$work/put.log")"
}

policy() { # path of the owner below the service, file
    local text
    text=$(awk '{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); printf "%s\\n", $0 }' "$here/compare.d/policies/$2.xml")
    put "$1policies/policy" "{\"format\":\"rawxml\",\"value\":\"$text\"}"
}

provision() {
    put gateways/bench '{"locationData":{"name":"bench"}}'
    policy "" global
    put subscriptions/bench "{\"displayName\":\"bench\",\"scope\":\"/apis\",\"state\":\"active\",\"primaryKey\":\"$key\",\"secondaryKey\":\"${key}s\"}"
    local api
    for api in open orders limited; do
        put "apis/$api-bench" "{\"displayName\":\"$api\",\"path\":\"$api\",\"protocols\":[\"http\"],\"serviceUrl\":\"http://127.0.0.1:$backend_port\",\"subscriptionRequired\":$([ "$api" = open ] && echo false || echo true)}"
        put "apis/$api-bench/operations/all" '{"displayName":"all","method":"GET","urlTemplate":"/*"}'
        [ "$api" = open ] || policy "apis/$api-bench/" "$api"
        put "gateways/bench/apis/$api-bench"
    done
}
