# One image for every process; docker-compose.yml gives each its command.
FROM node:20-bookworm-slim AS browser
WORKDIR /edc
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-wqy-zenhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home edc
WORKDIR /edc
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY --from=browser /edc/node_modules node_modules
COPY . .
RUN python -m defier.assets && rm -rf node_modules && install --directory --owner=edc /var/edc
ENV EDC_VAR=/var/edc PYTHONUNBUFFERED=1
USER edc
