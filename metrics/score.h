/* nofade: figures of merit of one model on one dataset. Pure functions; what is undefined is NaN.
 *
 * NoFADE and the CO2 of training: Fu et al., "NoFADE: Analyzing Diminishing Returns on CO2 Investment", equations 3 and 1.
 * SAM: Gowda et al., "Watt for What", equation 1. Score: Xu et al., "Energy Efficiency of Training Neural Network
 * Architectures", section 3.1. CO2 of a week of inference: Badar et al., "Highlighting the Importance of Reducing Research
 * Bias and Carbon Emissions in CNNs", section 3.3.
 *
 * Accuracy is a fraction 0 .. 1, FLOPs a plain count per forward pass (a multiply-add is 2), energies kWh, powers W, times
 * of training hours, of inference milliseconds an image, carbon intensities kg of CO2 (equivalent) per kWh.
 */
#ifndef NF_METRICS_SCORE_H
#define NF_METRICS_SCORE_H

#include "metrics/distance.h"

/* The paper's factor: EPA's 0.707e-3 metric tonnes per kWh. Times watt-hours / 1000 this gives kilograms, not tonnes. */
#define NF_EPA_KG_PER_KWH 0.707
/* Kilograms a week for each millisecond an image, which all rows of Badar's tables 3 and 4 follow. */
#define NF_BADAR_KG_PER_MS 4.3927
/* What Badar states: kg/kWh, and at 250 W the formula below gives an eighth of the tables. */
#define NF_BADAR_KG_PER_KWH 0.432
#define NF_BADAR_WATTS 250.0

/* Logarithm of x to the base. */
double nf_log_to(nf_log_base base, double x);
/* accuracy x complexity / log(FLOPs). NaN for FLOPs <= 1. With complexity 1: what ranks within one dataset. */
double nf_nofade(double accuracy, double complexity, double flops, nf_log_base base);
/* (w_gpu + w_cpu) x GPU hours / 1000: the paper's f (w_g + w_c) x hours with w = Watt / f, in which f cancels. */
double nf_energy_tdp_kwh(double gpu_w, double cpu_w, double gpu_hours);
/* training FLOPs / (peak FLOP/s x utilisation) / 3600 hours of one device at (w_gpu + w_cpu). */
double nf_energy_flops_kwh(double training_flops, double peak_flop_per_s, double utilisation, double gpu_w, double cpu_w);
/* energy x PUE x carbon intensity. */
double nf_co2_kg(double energy_kwh, double pue, double kg_per_kwh);
/* beta x accuracy^alpha / log10(kWh). NaN for kWh <= 1, where the logarithm is not positive. */
double nf_sam(double accuracy, double energy_kwh, double alpha, double beta);
/* accuracy / kWh. NaN for kWh <= 0. */
double nf_score(double accuracy, double energy_kwh);
/* 168 h of video at 30 images a second: ms x 5.04 h/ms x W / 1000 x PUE x kg/kWh. */
double nf_co2_kg_week(double inference_ms, double watts, double pue, double kg_per_kwh);
/* ms x 4.3927 kg/ms: Badar's tables as printed. */
double nf_co2_kg_week_badar(double inference_ms);
/* 1.96 sqrt(p (1 - p) / n): half of the 95 % interval of a proportion p over n images. */
double nf_proportion_half_width(double p, double n);

#endif
