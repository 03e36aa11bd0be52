using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Binding;

/// <summary>
/// Lets a parameter that names deployments take whatever stands for one: the key as text, a machine (whose key is
/// <c>vm:</c> and its name), its state, a plan, a status or a result.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeployKeyAttribute : NameAttribute
{
    private protected override string? NameOf(object value) => value switch
    {
        CharlyVm vm => "vm:" + vm.Name,
        VmDeployState state => state.Key,
        InstallPlan plan => plan.Name,
        BundleStatus status => status.Name,
        Deployment deployment => deployment.Key,
        DeployResult result => result.Name,
        _ => null,
    };
}
