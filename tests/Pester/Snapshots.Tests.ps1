param([Parameter(Mandatory)] [string] $Module)

# Snapshots, copies, growth, devices and domains, as far as they go without a guest: the machine is of the noop backend.
Describe 'Machines and what hangs on them' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $project = Join-Path $folder 'project'
        New-TestProject $project
        New-TestDisk $project web
        Push-Location $project
        $null = New-CharlyVm web
        $snapshots = Join-Path $env:XDG_DATA_HOME 'charly/vm/charly-web/snapshots'
        $null = New-Item -ItemType Directory $snapshots
        @{ version = 1; snapshots = [ordered]@{
                clean = @{ name = 'clean'; mode = 'external'; disk_path = "$folder/clean.qcow2"; created = '2026-01-01T00:00:00Z'; refcount = 0; description = 'as installed' }
                busy  = @{ name = 'busy'; mode = 'internal'; created = '2026-01-02T00:00:00Z'; parent = 'clean'; refcount = 0 }
            }
        } | ConvertTo-Json -Depth 5 | Set-Content (Join-Path $snapshots 'registry.json')

        function Get-ErrorId([scriptblock] $Script) {
            $problems = $null
            try { & $Script } catch { $problems = $_ }
            ($problems.FullyQualifiedErrorId -split ',')[0]
        }
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    Context 'snapshots' {
        It 'are objects, of a machine or of each in the pipeline' {
            $all = Get-CharlyVm web | Get-CharlyVmCheckpoint
            $all | Should -BeOfType OpenCharly.Vms.VmSnapshot
            $all.Name | Should -Be 'clean', 'busy'
            $all[0].Description | Should -Be 'as installed'
            ($all | Where-Object Mode -eq Internal).Parent | Should -Be 'clean'
        }

        It 'are not taken by a backend that has none, and nothing is left of the attempt' {
            Get-ErrorId { Checkpoint-CharlyVm web next -ErrorAction Stop } | Should -Be 'backend.unsupported'
            (Get-CharlyVmCheckpoint web).Count | Should -Be 2
        }

        It 'have their own errors: <Id>' -ForEach @(
            @{ Id = 'snapshot.not_found'; Script = { Restore-CharlyVmCheckpoint web none -Confirm:$false -ErrorAction Stop } }
            @{ Id = 'snapshot.not_found'; Script = { Remove-CharlyVmCheckpoint web none -Confirm:$false -ErrorAction Stop } }
            @{ Id = 'snapshot.not_internal'; Script = { Convert-CharlyVmCheckpoint web clean -Confirm:$false -ErrorAction Stop } }
            @{ Id = 'vm.not_found'; Script = { Get-CharlyVmCheckpoint nope -ErrorAction Stop } }
            @{ Id = 'name.invalid'; Script = { Checkpoint-CharlyVm web '../up' -ErrorAction Stop } }
        ) {
            Get-ErrorId $Script | Should -Be $Id
        }

        It 'are offered where one is meant: <Line>' -ForEach @(
            @{ Line = 'Restore-CharlyVmCheckpoint web ' }
            @{ Line = 'Remove-CharlyVmCheckpoint web ' }
            @{ Line = 'Convert-CharlyVmCheckpoint -Name web -Snapshot ' }
            @{ Line = 'Copy-CharlyVm web two -Snapshot ' }
            @{ Line = 'New-CharlyVm web -Instance two -FromState ' }
        ) {
            (Get-Completion $Line).CompletionText | Sort-Object | Should -Be 'busy', 'clean'
        }
    }

    Context 'clones and copies' {
        It 'add an entity beside the first and build nothing with -NoBuild' {
            Set-Content (Join-Path $folder 'clean.qcow2') ''
            $state = Copy-CharlyVm web two -Snapshot clean -NoBuild
            $state | Should -BeOfType OpenCharly.Vms.VmDeployState
            $state.Key | Should -Be 'vm:two'
            Get-Content charly.yml -Raw | Should -Match 'from_snapshot: clean'
            (Get-Completion 'Build-CharlyVm t').CompletionText | Should -Be 'two'
            Get-ErrorId { Copy-CharlyVm web two -Snapshot clean -ErrorAction Stop } | Should -Be 'vm.name_exists'
        }

        It 'refuse what can not be copied: <Id>' -ForEach @(
            @{ Id = 'usage'; Script = { Copy-CharlyVmItem ./charly.yml ./elsewhere -ErrorAction Stop } }
            @{ Id = 'file.not_found'; Script = { Copy-CharlyVmItem ./nowhere web:/tmp -ErrorAction Stop } }
            @{ Id = 'file.not_found'; Script = { Sync-CharlyVm web ./nowhere/ /srv -ErrorAction Stop } }
            @{ Id = 'vm.not_found'; Script = { Copy-CharlyVmItem ./charly.yml nope:/tmp -ErrorAction Stop } }
        ) {
            Get-ErrorId $Script | Should -Be $Id
        }
    }

    Context 'changes in place' {
        It 'emit the machine with -PassThru and nothing without' {
            Set-CharlyVm web -Autostart | Should -BeNullOrEmpty
            (Get-CharlyVm web | Set-CharlyVm -Autostart:$false -PassThru).Name | Should -Be 'web'
            (Suspend-CharlyVm web -PassThru).Name | Should -Be 'web'
            (Resume-CharlyVm web -PassThru).Name | Should -Be 'web'
            (Stop-CharlyVm web -PassThru).Name | Should -Be 'web'
        }

        It 'refuse a size that is none' {
            Get-ErrorId { Set-CharlyVm web -DiskSize lots -ErrorAction Stop } | Should -Be 'vm.validation'
        }

        It 'have no console where the backend has none' {
            Get-ErrorId { Enter-CharlyVmConsole web -ErrorAction Stop } | Should -Match '^(vm|backend)\.'
        }
    }

    Context 'devices, domains and images of this host' {
        It 'display devices come from a tree, and the report tells what is missing' {
            $tree = Join-Path $folder 'tree'
            $device = New-Item -ItemType Directory (Join-Path $tree 'sys/bus/pci/devices/0000:01:00.0')
            Set-Content (Join-Path $device class) '0x030000'
            Set-Content (Join-Path $device vendor) '0x10de'
            Set-Content (Join-Path $device device) '0x2204'
            $env:CHARLY_SYSFS_ROOT = $tree
            try {
                (Get-CharlyVmGpu).Vendor | Should -Be 'NVIDIA'
                (Get-CharlyVmGpu -Report).IommuGroups | Should -Be 0
            }
            finally { $env:CHARLY_SYSFS_ROOT = $null }
        }

        It 'domains need a libvirt, and without one the error says what to install' {
            $path = $env:PATH
            $env:PATH = $folder
            try {
                Import-CharlyVm -List -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
                (Get-Completion 'Import-CharlyVm ').CompletionText | Where-Object { $_ -like 'charly-*' } | Should -BeNullOrEmpty
            }
            finally { $env:PATH = $path }
            $problems[0].FullyQualifiedErrorId | Should -Match '^backend\.not_available,'
            $problems[0].ErrorDetails.RecommendedAction | Should -Match 'libvirt'
        }

        It 'domains of machines that are gone are removed, those that are known and those of others stay' {
            $bin = (New-Item -ItemType Directory (Join-Path $folder 'libvirt-bin')).FullName
            $run = (New-Item -ItemType Directory (Join-Path $folder 'run/libvirt') -Force).FullName
            Set-Content (Join-Path $run 'libvirt-sock') ''
            Set-Content (Join-Path $bin 'virsh') @"
#!/bin/sh
case "`$*" in
  *' list --inactive --name'*) printf 'charly-gone\ncharly-web\nsomebodys\n' ;;
  *' undefine '*) echo "`$*" >>'$folder/undefined' ;;
esac
"@
            chmod +x (Join-Path $bin 'virsh')
            $path, $runtime = $env:PATH, $env:XDG_RUNTIME_DIR
            $env:PATH, $env:XDG_RUNTIME_DIR = "${bin}:$path", (Split-Path $run)
            try {
                Clear-CharlyVmOrphan -WhatIf | Should -BeNullOrEmpty
                "$folder/undefined" | Should -Not -Exist
                Clear-CharlyVmOrphan | Should -Be 'charly-gone'
            }
            finally { $env:PATH, $env:XDG_RUNTIME_DIR = $path, $runtime }
            Get-Content "$folder/undefined" | Should -Match ' undefine charly-gone '
        }

        It 'images come only from addresses that images are downloaded from' {
            Get-ErrorId { Save-CharlyImage gopher://image.example.org/base.qcow2 -ErrorAction Stop } | Should -Be 'image.download_failed'
            Get-CharlyImage | Should -BeNullOrEmpty
        }
    }
}
