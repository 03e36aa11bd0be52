using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Lets a parameter that names pods take whatever stands for one: its deploy key, a pod, what Set-CharlyPod emits.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PodNameAttribute : NameAttribute
{
    private protected override string? NameOf(object value) => value switch
    {
        CharlyPod pod => pod.Name,
        PodConfiguration configuration => configuration.Name,
        _ => null,
    };
}
