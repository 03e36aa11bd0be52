using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>The name of a charly machine: an entity of <c>charly.yml</c>, and perhaps one instance of it (vm.md §2.4).</summary>
/// <param name="Entity">Name of the entity; <c>ns.name</c> for one of a namespace.</param>
/// <param name="Instance">Name of the instance; null for the machine that bears the entity's own name.</param>
public sealed record VmName(string Entity, string? Instance = null)
{
    private const string CharlyPrefix = "charly-";
    private const string VmFilePrefix = "vmfile:";

    /// <summary>Whether this is a machine of a VMFile, or of an image; else <see cref="Entity"/> is one of <c>charly.yml</c>.</summary>
    public bool IsVmFile { get; init; }

    /// <summary>
    /// Machine id: name of the registry record, of the state folder and of the QEMU guest. Those of charly machines begin
    /// with <c>charly-</c>, which no VMFile machine's name may.
    /// </summary>
    public string Id => IsVmFile ? Entity : Instance is null ? $"charly-{Entity}" : $"charly-{Entity}-{Instance}";

    /// <summary>What ssh knows the machine by: the id, or <c>vmfile-</c> and the name, so that no host of the user's is shadowed.</summary>
    public string Alias => IsVmFile ? "vmfile-" + Entity : Id;

    /// <summary>Deploy key, such as <c>vm:web</c> or <c>vm:web/blue</c>; <c>vmfile:web</c> for a VMFile machine.</summary>
    public string Key => (IsVmFile ? VmFilePrefix : "vm:") + this;

    /// <summary>Whether a machine id is that of a VMFile machine.</summary>
    public static bool IsVmFileId(string id) => !id.StartsWith(CharlyPrefix, StringComparison.Ordinal);

    /// <summary>The name of a VMFile machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public static VmName VmFile(string name) => Names.IsVmFileVm(name) ? new VmName(name) { IsVmFile = true } : throw new CharlyException(
        Errors.BadName,
        $"\"{name}\" can't name a virtual machine",
        "Use up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit; names that begin with charly- or hold -eph- are reserved.",
        target: name);

    /// <summary>The name as people write it: <c>web</c> or <c>web/blue</c>.</summary>
    public override string ToString() => Instance is null ? Entity : $"{Entity}/{Instance}";

    /// <summary>Whether this is the machine of a short-lived deployment, which <c>bundle add</c> makes and nobody else.</summary>
    public bool IsEphemeral => Instance?.Contains("-eph-", StringComparison.Ordinal) == true;

    /// <summary>Reads <c>web</c>, <c>web/blue</c>, or either with <c>vm:</c> before it; <c>vmfile:web</c> for a VMFile machine.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/> for anything that could not be a machine's name.</exception>
    public static VmName Parse(string text)
    {
        if (text.StartsWith(VmFilePrefix, StringComparison.Ordinal)) return VmFile(text[VmFilePrefix.Length..]);
        var plain = text.StartsWith("vm:", StringComparison.Ordinal) ? text[3..] : text;
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Create(plain, null) : Create(plain[..slash], plain[(slash + 1)..]);
    }

    /// <summary>As <see cref="Parse"/>, with null for anything that could not be a machine's name.</summary>
    public static VmName? ParseOrNull(string text)
    {
        var parts = (text.StartsWith("vm:", StringComparison.Ordinal) ? text[3..] : text).Split('/', 2);
        return Names.IsVmEntity(parts[0]) && Array.TrueForAll(parts[1..], Names.IsVmInstance) ? new VmName(parts[0], parts.ElementAtOrDefault(1)) : null;
    }

    /// <summary>Checks both parts.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>.</exception>
    public static VmName Create(string entity, string? instance)
    {
        if (!Names.IsVmEntity(entity)) throw Bad(entity, "a virtual machine");
        if (instance is not null && !Names.IsVmInstance(instance)) throw Bad(instance, "an instance of a machine");
        return new VmName(entity, instance);
    }

    /// <summary>The name that a registry record stands for.</summary>
    public static VmName Of(VmHandle handle)
    {
        if (IsVmFileId(handle.Name)) return new VmName(handle.Name) { IsVmFile = true };
        var plain = handle.Name[CharlyPrefix.Length..];
        var tail = "-" + handle.Instance;
        return handle.Instance is { } instance && plain.EndsWith(tail, StringComparison.Ordinal)
            ? new VmName(plain[..^tail.Length], instance)
            : new VmName(plain);
    }

    private static CharlyException Bad(string part, string what) => new(
        Errors.BadName,
        $"\"{part}\" can't name {what}",
        "Use up to 63 letters, digits, dashes and underscores, beginning with a letter or digit, and ns.NAME for a machine of a namespace; \"-eph-\" is reserved.",
        target: part);
}
