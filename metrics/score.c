#include "metrics/score.h"

#include <math.h>

double nf_log_to(nf_log_base base, double x)
{
    return base == NF_LOG_2 ? log2(x) : base == NF_LOG_10 ? log10(x) : log(x);
}

double nf_nofade(double accuracy, double complexity, double flops, nf_log_base base)
{
    return flops > 1.0 ? accuracy * complexity / nf_log_to(base, flops) : NAN;
}

double nf_energy_tdp_kwh(double gpu_w, double cpu_w, double gpu_hours)
{
    return (gpu_w + cpu_w) * gpu_hours / 1000.0;
}

double nf_energy_flops_kwh(double training_flops, double peak_flop_per_s, double utilisation, double gpu_w, double cpu_w)
{
    double device_hours = training_flops / (peak_flop_per_s * utilisation) / 3600.0;
    return nf_energy_tdp_kwh(gpu_w, cpu_w, device_hours);
}

double nf_co2_kg(double energy_kwh, double pue, double kg_per_kwh)
{
    return energy_kwh * pue * kg_per_kwh;
}

double nf_sam(double accuracy, double energy_kwh, double alpha, double beta)
{
    return energy_kwh > 1.0 ? beta * pow(accuracy, alpha) / log10(energy_kwh) : NAN;
}

double nf_score(double accuracy, double energy_kwh)
{
    return energy_kwh > 0.0 ? accuracy / energy_kwh : NAN;
}

/* 168 h x 3600 s/h x 30 images/s x 1 ms = 18144 s = 5.04 h of work for each millisecond an image. */
double nf_co2_kg_week(double inference_ms, double watts, double pue, double kg_per_kwh)
{
    return inference_ms * 5.04 * watts / 1000.0 * pue * kg_per_kwh;
}

double nf_co2_kg_week_badar(double inference_ms)
{
    return inference_ms * NF_BADAR_KG_PER_MS;
}

double nf_proportion_half_width(double p, double n)
{
    return 1.96 * sqrt(p * (1.0 - p) / n);
}
