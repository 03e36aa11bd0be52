# What the suites share: a home of their own, a small project, sample objects, and pwsh in a process of its own.

function New-TestHome {
    <# .SYNOPSIS A folder with HOME and XDG folders that nothing else uses, and the variables that make it so. #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Path)
    if (-not $PSCmdlet.ShouldProcess($Path, 'Create')) { return }
    $folders = [ordered]@{
        HOME            = $Path
        XDG_CONFIG_HOME = Join-Path $Path '.config'
        XDG_DATA_HOME   = Join-Path $Path '.local/share'
        XDG_CACHE_HOME  = Join-Path $Path '.cache'
        XDG_RUNTIME_DIR = Join-Path $Path 'run'
    }
    $folders.Values | ForEach-Object { $null = New-Item -ItemType Directory -Force $_ }
    $folders
}

function Use-TestHome {
    <# .SYNOPSIS Sets the variables of a test home in this process; emits the old ones, for Reset-TestHome. #>
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Folders)
    $old = @{}
    foreach ($name in $Folders.Keys) {
        $old[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $Folders[$name])
    }
    $old
}

function Reset-TestHome {
    <# .SYNOPSIS Puts the variables back. #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Old)
    foreach ($name in $Old.Keys) {
        if ($PSCmdlet.ShouldProcess($name, 'Reset')) { [Environment]::SetEnvironmentVariable($name, $Old[$name]) }
    }
}

function New-TestProject {
    <# .SYNOPSIS A project with three candies and two machines that the noop backend stands for. #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Path)
    if (-not $PSCmdlet.ShouldProcess($Path, 'Create')) { return }
    $null = New-Item -ItemType Directory -Force $Path
    Set-Content (Join-Path $Path 'charly.yml') @'
version: 2026.163.0928
discover:
  - path: candy
    recursive: true
vm:
  web:
    source:
      kind: cloud_image
      url: file:///nonexistent/base.qcow2
    backend: noop
    ram: 512M
    cpus: 1
    ssh:
      key_source: generate
  db:
    source:
      kind: cloud_image
      url: file:///nonexistent/base.qcow2
    backend: noop
    ram: 512M
    cpus: 1
    ssh:
      key_source: generate
deploy:
  vm:web:
    add_candy: [editor]
  workstation:
    target: local
    host: workstation.example.org
'@
    $candies = @{
        greeting = @'
candy:
  version: 2026.163.0928
  name: greeting
  description:
    feature: A greeting below the home folder
  env:
    GREETING: hello
  task:
    - write: ${HOME}/greeting
      content: |
        hello
    - cmd: |
        echo root
      user: root
'@
        editor   = @'
candy:
  version: 2026.163.0928
  name: editor
  package:
    - vim
'@
        daemon   = @'
candy:
  version: 2026.163.0928
  name: daemon
  require:
    - editor
  service:
    - name: ticker
      exec: /bin/sleep 3600
'@
    }
    foreach ($name in $candies.Keys) {
        $folder = Join-Path $Path "candy/$name"
        $null = New-Item -ItemType Directory -Force $folder
        Set-Content (Join-Path $folder 'charly.yml') $candies[$name]
    }
}

function New-TestDisk {
    <# .SYNOPSIS The disk that Build-CharlyVm would make, empty: all that the noop backend asks for. #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Project, [Parameter(Mandatory)] [string[]] $Name)
    foreach ($machine in $Name) {
        $disk = Join-Path $Project "output/qcow2/$machine/disk.qcow2"
        if (-not $PSCmdlet.ShouldProcess($disk, 'Create')) { continue }
        $null = New-Item -ItemType Directory -Force (Split-Path $disk)
        Set-Content $disk ''
    }
}

function Invoke-FreshShell {
    <# .SYNOPSIS Runs a script in a pwsh of its own and emits what it prints; a non-zero exit is an error. #>
    param([Parameter(Mandatory)] [string] $Script)
    $pwsh = (Get-Process -Id $PID).Path
    $output = $Script | & $pwsh -NoProfile -NonInteractive -Command - 2>&1 | ForEach-Object {
        # What pwsh tells a terminal where TERM names one, though there is none.
        $line = "$_" -replace '\e\[\?1[hl]'
        if ($line -or -not "$_") { $line }
    }
    if ($LASTEXITCODE) { throw "pwsh ended with ${LASTEXITCODE}: $($output -join "`n")" }
    $output
}

function Get-Sample {
    <# .SYNOPSIS One object of each type that has a view. #>
    $now = [DateTimeOffset]::UtcNow
    $state = [OpenCharly.Vms.VmDeployState]@{ Key = 'vm:web'; Backend = 'qemu'; SshUser = 'charly'; SshPort = 2222; LastBuild = $now; LastDeploy = $now; DiskPath = '/var/lib/example/disk.qcow2'; AppliedLayers = [string[]]('nginx', 'base') }
    $step = [OpenCharly.Plans.SystemPackagesStep]@{ Candy = 'nginx'; Index = 1; Scope = 'System'; PackagePhase = 'Install'; Format = 'deb'; Packages = [string[]]('nginx', 'curl'); Digest = 'aa' }
    $gated = [OpenCharly.Plans.ServiceCustomStep]@{ Candy = 'nginx'; Index = 2; Scope = 'System'; Name = 'charly-nginx-web'; UnitText = '[Service]'; UnitPath = '/etc/systemd/system/charly-nginx-web.service'; Gate = 'WithServices'; Skip = 'GateClosed'; Digest = 'bb' }
    $user = [OpenCharly.Plans.OpStep]@{ Candy = 'base'; Index = 0; Scope = 'User'; Verb = 'write'; Value = '/home/charly/greeting'; ResolvedUser = 'charly'; CandyFolder = '/srv/candy/base'; Digest = 'cc' }
    $plan = [OpenCharly.Plans.InstallPlan]@{ Name = 'vm:web'; Target = 'vm:web'; Host = 'charly-web'; Ref = 'nginx'; DeployId = '0123456789abcdef'; Steps = [OpenCharly.Plans.InstallStep[]]($user, $step, $gated); Candies = [OpenCharly.Plans.PlannedCandy[]]([OpenCharly.Plans.PlannedCandy]::new('base', '1'), [OpenCharly.Plans.PlannedCandy]::new('nginx', '2')) }
    $result = [OpenCharly.Targets.StepResult]@{ Step = $step; Status = 'Done'; Duration = [timespan]::FromSeconds(1.5); ExitCode = 0 }
    $undo = [OpenCharly.Plans.ReverseOp]@{ Kind = 'package-remove'; Targets = [string[]]('nginx'); Format = 'deb' }
    $deploy = [OpenCharly.Ledger.DeployRecord]@{ SchemaVersion = '2026.161.1649'; DeployId = '0123456789abcdef'; Name = 'vm:web'; Image = 'nginx'; Target = 'vm:web'; Candy = [string[]]('base', 'nginx'); DeployedAt = $now }
    $candy = [OpenCharly.Ledger.CandyRecord]@{ SchemaVersion = '2026.161.1649'; Candy = 'nginx'; Version = '2026.163.0928'; DeployedBy = [string[]]('0123456789abcdef'); DeployedAt = $now; ReverseOps = [OpenCharly.Plans.ReverseOp[]]($undo) }
    $ledger = [OpenCharly.Ledger.LedgerRecord]::new('vm:web', [OpenCharly.Ledger.DeployRecord[]]($deploy), [OpenCharly.Ledger.CandyRecord[]]($candy), $null)
    $vm = [OpenCharly.Vms.CharlyVm]@{ Name = 'web'; Id = 'charly-web'; Backend = 'qemu'; Status = 'Running'; Pid = 4711; Cpus = 2; MemoryMb = 2048; Ssh = [OpenCharly.Vms.SshEndpoint]::new('charly-web', '127.0.0.1', 2222, 'charly'); State = $state; WorkDir = '/var/lib/example' }
    $vm
    $state
    [OpenCharly.Vms.VmDisk]::new('web', '/var/lib/example/disk.qcow2', 'qcow2', 20GB, 217MB, '/var/cache/example/base.qcow2', 'ab12')
    $plan
    $step
    $gated
    [OpenCharly.Targets.DeployResult]@{ Name = 'vm:web'; Verb = 'add'; Plan = $plan; Steps = [OpenCharly.Targets.StepResult[]]($result); Changed = $true; Duration = [timespan]::FromSeconds(75); State = $state }
    $result
    [OpenCharly.Targets.UndoResult]::new('nginx', $undo, 'done', 'apt-get purge nginx')
    [OpenCharly.Targets.PlanChange]@{ Name = 'vm:web'; Number = 2; Candy = 'nginx'; Kind = 'SystemPackages'; Scope = 'System'; Summary = 'deb: nginx'; Verdict = 'Change'; Reason = 'NewStep'; Detail = 'not on record'; Step = $step }
    [OpenCharly.Targets.BundleStatus]@{ Name = 'vm:web'; Target = 'vm'; Host = 'charly-web'; Status = 'applied'; Candies = [string[]]('base', 'nginx'); Steps = 3; DeployedAt = $now; DeployId = '0123456789abcdef' }
    $ledger
    [OpenCharly.Checks.CheckResult]@{ Target = 'vm:web'; Id = 'nginx-answers'; Candy = 'nginx'; Section = 'candy'; Verb = 'http'; Subject = 'http://127.0.0.1/'; Description = 'then it answers'; Status = 'Fail'; Attempts = 1; Duration = '00:00:00.2'; Expected = 'status 200'; Actual = 'status 404'; Message = '"nothing here"' }
    [OpenCharly.Ledger.DriftItem]@{ Target = 'charly-web'; Bundle = 'vm:web'; Candy = 'nginx'; Step = 'write: /etc/motd'; Kind = 'Modified'; Path = '/etc/motd'; Before = 'sha256:' + 'ab' * 32; After = 'sha256:' + 'cd' * 32; Owner = 'root:root'; ChangedAt = $now }
    $candy
    $deploy
    [OpenCharly.Execution.CommandResult]::new("hello`n", '', 0, [timespan]::FromMilliseconds(42))
    [OpenCharly.Foundation.Problem]::new([OpenCharly.Foundation.Errors]::CandyUnknownKey, 'candy "web": the key "pakage" is not known', 'Did you mean "package"?', [OpenCharly.Foundation.SourcePosition]::new('candy/web/charly.yml', 4, 3), $false)
    [OpenCharly.Model.Candy]@{ Name = 'web'; Version = '2026.163.0928'; Folder = '/srv/candy/web'; SourceFolder = '/srv/candy/web'; ProjectFolder = '/srv'; Position = [OpenCharly.Foundation.SourcePosition]::new('candy/web/charly.yml', 2, 3); Packages = [string[]]('nginx') }
    [OpenCharly.Operations.BoxTransfer]@{ Vm = 'web'; Image = 'localhost/shop:2026.180.1200'; Tag = 'localhost/charly-shop:latest'; ImageId = 'ab' * 32; Rootless = $true; Way = 'Layers'; LayersSent = 1; LayersPresent = 4; BytesSent = 1MB; ImageBytes = 500MB; Attempts = 1; Duration = [timespan]::FromSeconds(3.1) }
    $revision = [OpenCharly.Vms.Templates.TemplateRevision]@{ Template = 'base'; Revision = '0123456789abcdef0123456789abcdef'; Path = '/srv/templates/base/artifacts/revisions/0123456789abcdef0123456789abcdef'; IsCurrent = $true; BuiltAt = $now; FlakeRef = '/srv/src'; FlakeLockHash = 'ab' * 32; Initrd = 'initrd'; DataDiskMib = 64 }
    $revision
    [OpenCharly.Vms.Templates.VmTemplate]@{ Name = 'base'; Path = '/srv/templates/base'; FlakeRef = '/srv/src'; Builder = [OpenCharly.Vms.Templates.NixTemplateBuilder]::new(); CreatedAt = $now; UpdatedAt = $now; Current = $revision.Revision; Revisions = [OpenCharly.Vms.Templates.TemplateRevision[]]($revision) }
    [OpenCharly.Vms.VmSnapshot]@{ Vm = 'web'; Name = 'clean'; Mode = 'External'; Created = $now; Description = 'before the upgrade'; DiskPath = '/var/lib/example/snapshots/clean/disk.qcow2'; Refcount = 2 }
    [OpenCharly.Operations.TransferResult]::new('web', './app.tar', 'web:/tmp/', 1, 10240, [timespan]::FromSeconds(0.4), [string[]]@('app.tar'))
    [OpenCharly.Vms.Gpu.GpuDevice]@{ Address = '0000:01:00.0'; VendorId = '10de'; DeviceId = '2204'; Vendor = 'NVIDIA'; Driver = 'vfio-pci'; IommuGroup = 7; Group = [string[]]('0000:01:00.0', '0000:01:00.1'); CanOpen = $true }
    [OpenCharly.Operations.ImportableVm]::new('old-web', 'web', $false, '/srv/old-web.qcow2', [string[]]('ram: 1G, now 2G'))
    [OpenCharly.Operations.HostItem]::new('Encryption', 'gocryptfs', 'Missing', $false, 'not installed', 'encrypted volumes', 'sudo apt-get install gocryptfs')
    [OpenCharly.Operations.SchemaChange]::new('/srv/shop/charly.yml', '/srv/shop/charly.yml', [string[]]('deploys renamed to deploy', 'version set to 2026.163.0928'), "version: 2026.163.0928`n", '/srv/shop/charly.yml.bak.1763750000')
    [OpenCharly.Model.Setting]::new('engine.run', 'podman', 'File')
    [OpenCharly.Model.CredentialName]::new('charly/secret/TOKEN', 'charly/secret', 'TOKEN', 'Keyring')
    [OpenCharly.Operations.VmLogLine]::new('console', '[    0.000000] Linux version 6.12')
}

function Get-Completion {
    <# .SYNOPSIS What Tab would offer at the end of a line. #>
    param([Parameter(Mandatory)] [string] $Line)
    [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, @{}).CompletionMatches
}
